-- Rows say which picture there is, no longer under which address: links are made of
-- RUNVS_PUBLIC_URL when they are answered. Every release wrote addresses of these
-- two forms and no others. One written by hand is not lost: the migration fails, and
-- nothing has changed; write NULL there, or one of ours, and start again.
DO $$ BEGIN
  IF EXISTS (SELECT FROM users WHERE avatar_url !~ '/api/v1/avatars/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.jpg$') THEN
    RAISE EXCEPTION 'users.avatar_url has an address that is no picture of ours';
  END IF;
  IF EXISTS (SELECT FROM courses WHERE thumbnail_url NOT LIKE '%/api/v1/courses/' || id || '/thumbnail.png') THEN
    RAISE EXCEPTION 'courses.thumbnail_url has an address that is not the course''s own';
  END IF;
END $$;

ALTER TABLE users ALTER COLUMN avatar_url TYPE uuid USING substring(avatar_url FROM '([^/]*)\.jpg$')::uuid;
ALTER TABLE users RENAME COLUMN avatar_url TO avatar_id;

-- A course's thumbnail is kept under the course's id: all that changes is whether
-- it is drawn.
ALTER TABLE courses ALTER COLUMN thumbnail_url TYPE boolean USING thumbnail_url IS NOT NULL;
ALTER TABLE courses RENAME COLUMN thumbnail_url TO thumbnail_drawn;
ALTER TABLE courses ALTER COLUMN thumbnail_drawn SET DEFAULT false, ALTER COLUMN thumbnail_drawn SET NOT NULL;
