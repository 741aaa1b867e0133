-- How many courses somebody has made of late, also of those that are deleted again:
-- the beginning of their day, and how many since.
ALTER TABLE users ADD COLUMN course_quota_from timestamp;
ALTER TABLE users ADD COLUMN course_quota_used integer NOT NULL DEFAULT 0;
