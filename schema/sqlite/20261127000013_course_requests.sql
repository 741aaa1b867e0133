-- Requests that made a course, by their Idempotency-Key, for a day: whoever lost the
-- answer asks again, and gets the same course.
CREATE TABLE course_requests (
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  key_hash blob NOT NULL, -- SHA-256 of the key
  body_hash blob NOT NULL, -- SHA-256 of what the request says
  course_id text NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  PRIMARY KEY (user_id, key_hash)
);
CREATE INDEX course_requests_course ON course_requests (course_id);
CREATE INDEX course_requests_created_at ON course_requests (created_at);
