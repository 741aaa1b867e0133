-- A course that its maker deleted and others had completed: in no list, search or
-- map, for it is not public, and nobody's. A private course that is nobody's by any
-- other way is still refused.
ALTER TABLE courses ADD COLUMN retired boolean NOT NULL DEFAULT false;
DROP TRIGGER courses_private_owned;
DROP TRIGGER courses_stay_owned;
CREATE TRIGGER courses_private_owned BEFORE INSERT ON courses WHEN new.retired <> (NOT new.is_public AND new.creator_id IS NULL) BEGIN
  SELECT RAISE(ABORT, 'a private course must be somebody''s, and a retired one nobody''s');
END;
CREATE TRIGGER courses_stay_owned BEFORE UPDATE OF is_public, creator_id, retired ON courses WHEN new.retired <> (NOT new.is_public AND new.creator_id IS NULL) BEGIN
  SELECT RAISE(ABORT, 'a private course must be somebody''s, and a retired one nobody''s');
END;
