-- Rows say which picture there is, no longer under which address: links are made of
-- RUNVS_PUBLIC_URL when they are answered. Every release wrote addresses of these
-- two forms and no others. One written by hand is not lost: the migration fails at
-- the new column, and nothing has changed; write NULL there, or one of ours, and
-- start again.

-- An address that is not ours stays what it is, which is no id.
ALTER TABLE users ADD COLUMN avatar_id text CONSTRAINT users_avatar_id_of_ours CHECK (length(avatar_id) = 36 AND avatar_id NOT GLOB '*[^0-9a-f-]*');
UPDATE users SET avatar_id = CASE WHEN avatar_url LIKE '%/api/v1/avatars/____________________________________.jpg'
  THEN substr(avatar_url, -40, 36) ELSE avatar_url END;
ALTER TABLE users DROP COLUMN avatar_url;

-- A course's thumbnail is kept under the course's id: all that changes is whether
-- it is drawn. An address that is not the course's own becomes NULL, which cannot be.
ALTER TABLE courses ADD COLUMN thumbnail_drawn boolean NOT NULL DEFAULT false;
UPDATE courses SET thumbnail_drawn = CASE WHEN thumbnail_url LIKE '%/api/v1/courses/' || id || '/thumbnail.png' THEN true END
  WHERE thumbnail_url IS NOT NULL;
ALTER TABLE courses DROP COLUMN thumbnail_url;
