-- What signs in once, what is ended whatever a clock says, and what stays of a
-- course when its maker leaves.

-- Tokens of identity providers that are good for one sign-in, until nobody would
-- take them any more. Nothing in it tells whose they were.
CREATE TABLE used_tokens (
  token_hash blob NOT NULL PRIMARY KEY, -- SHA-256
  expires_at timestamp NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE INDEX used_tokens_expires_at ON used_tokens (expires_at);

-- The newest iat of an access token of the user: ending all ends that one too,
-- when the clock of the process that ends them is behind.
ALTER TABLE users ADD COLUMN tokens_issued_until timestamp;

-- A private course that is nobody's could be seen by nobody. Those that earlier
-- versions left behind go; runs on them become free runs. A table that exists
-- takes no CHECK, so triggers refuse what one would.
UPDATE run_records SET course_id = NULL, course_completed = NULL, route_match_percent = NULL, max_deviation_meters = NULL,
  course_duration_seconds = NULL, rule_version = NULL, verdict = NULL
  WHERE course_id IN (SELECT id FROM courses WHERE NOT is_public AND creator_id IS NULL);
DELETE FROM courses WHERE NOT is_public AND creator_id IS NULL;
CREATE TRIGGER courses_private_owned BEFORE INSERT ON courses WHEN NOT new.is_public AND new.creator_id IS NULL BEGIN
  SELECT RAISE(ABORT, 'a private course must be somebody''s');
END;
CREATE TRIGGER courses_stay_owned BEFORE UPDATE OF is_public, creator_id ON courses WHEN NOT new.is_public AND new.creator_id IS NULL BEGIN
  SELECT RAISE(ABORT, 'a private course must be somebody''s');
END;

-- The line of a course may change: the map follows.
DROP TRIGGER courses_changing;
DROP TRIGGER courses_changed;
CREATE TRIGGER courses_changing BEFORE UPDATE OF is_public, title_folded, tags, route_geometry ON courses WHEN old.is_public BEGIN
  DELETE FROM course_starts WHERE id = old.spatial_key;
  DELETE FROM course_routes WHERE id = old.spatial_key;
  DELETE FROM course_words WHERE rowid = old.spatial_key;
  UPDATE course_cells SET courses = courses - 1, sum_x = sum_x - old.map_x, sum_y = sum_y - old.map_y
    WHERE (level, x, y) IN (SELECT level, old.map_x >> (30 - level), old.map_y >> (30 - level) FROM (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16));
END;
CREATE TRIGGER courses_changed AFTER UPDATE OF is_public, title_folded, tags, route_geometry ON courses WHEN new.is_public BEGIN
  INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_routes SELECT spatial_key, west, east, route_south, route_north FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_words (rowid, words) SELECT spatial_key, words FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
    SELECT level, map_x >> (30 - level), map_y >> (30 - level), 1, map_x, map_y
    FROM mapped_courses CROSS JOIN (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16) WHERE spatial_key = new.spatial_key
    ON CONFLICT (level, x, y) DO UPDATE SET courses = courses + 1, sum_x = sum_x + excluded.sum_x, sum_y = sum_y + excluded.sum_y;
END;
CREATE TRIGGER courses_moved AFTER UPDATE OF route_geometry ON courses BEGIN
  UPDATE course_map SET start_lat = new.start_lat, start_lng = new.start_lng,
      route_south = new.route_south, route_west = new.route_west, route_north = new.route_north, route_east = new.route_east
    WHERE spatial_key = new.spatial_key;
END;
