-- What is worked out of a course's line once: its curve sections, and whether its
-- corridor is drawn. Courses from before get theirs when they are asked for.
CREATE TABLE course_shapes (
  course_id text NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  rule_version varchar(40) NOT NULL,
  curve_sections text NOT NULL,
  corridor varchar(10) NOT NULL DEFAULT '' CHECK (corridor IN ('', 'asked', 'drawn')),
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
