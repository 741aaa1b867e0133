-- A course that its maker deleted and others had completed: in no list, search or
-- map, for it is not public, and nobody's. A private course that is nobody's by any
-- other way is still refused.
ALTER TABLE courses ADD COLUMN retired boolean NOT NULL DEFAULT false;
ALTER TABLE courses DROP CONSTRAINT courses_private_owned;
ALTER TABLE courses ADD CONSTRAINT courses_private_owned CHECK (retired = (NOT is_public AND creator_id IS NULL));
