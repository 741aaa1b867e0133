-- What is worked out of a course's line once: its curve sections, and whether its
-- corridor is drawn. Courses from before get theirs when they are asked for.
CREATE TABLE course_shapes (
  course_id uuid NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  rule_version varchar(40) NOT NULL,
  curve_sections jsonb NOT NULL,
  corridor varchar(10) NOT NULL DEFAULT '' CHECK (corridor IN ('', 'asked', 'drawn')),
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);
