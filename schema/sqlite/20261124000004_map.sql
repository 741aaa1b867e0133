-- Finding courses among a million of them: on a map, by what is run most, and by
-- any part of a title. What is searched is public; the indexes hold nothing else.

-- The title as the application folds case, and the start on the Web Mercator
-- map, in 2^-30 of its width from the north-west.
ALTER TABLE courses ADD COLUMN title_folded text NOT NULL DEFAULT '';
ALTER TABLE courses ADD COLUMN map_x integer NOT NULL DEFAULT 0;
ALTER TABLE courses ADD COLUMN map_y integer NOT NULL DEFAULT 0;
UPDATE courses SET title_folded = lower(title),
  map_x = CAST(floor((start_lng / 360 + 0.5) * 1073741824) AS integer) % 1073741824,
  map_y = min(max(CAST(floor((0.5 - ln(tan(pi() / 4 + radians(min(max(start_lat, -89), 89)) / 2)) / (2 * pi())) * 1073741824) AS integer), 0), 1073741823);

CREATE INDEX courses_newest ON courses (created_at DESC, id DESC) WHERE is_public;
CREATE INDEX courses_by_distance ON courses (distance_meters, id) WHERE is_public;
CREATE INDEX courses_private ON courses (creator_id) WHERE NOT is_public;
DROP INDEX courses_start;

-- The R*Trees hold public courses alone from now on.
DROP TRIGGER courses_inserted;
DROP TRIGGER courses_deleted;
DELETE FROM course_starts;
DELETE FROM course_routes;

-- What is run most, of any view: course_map_prominence is walked down from the
-- top, when more lie in the view than can be sorted. Apart from courses, for it
-- changes with every run.
CREATE TABLE course_map (
  spatial_key integer PRIMARY KEY,
  course_id text NOT NULL,
  is_public boolean NOT NULL,
  prominence real NOT NULL, -- total_runs, and a fraction of the id that tells equals apart
  start_lat real NOT NULL,
  start_lng real NOT NULL,
  route_south real NOT NULL,
  route_west real NOT NULL,
  route_north real NOT NULL,
  route_east real NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE INDEX course_map_prominence ON course_map (prominence DESC, course_id DESC,
  start_lat, start_lng, route_south, route_west, route_north, route_east) WHERE is_public;

-- Which one, two and three neighbouring characters a title has (three alone, as is
-- usual, are more than most Korean words have), as g and hexadecimal, and which
-- tags, as t.
CREATE VIRTUAL TABLE course_words USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii');

-- A small copy of each line: of thousands of courses around a place it says which
-- few must be read whole to find the nearest. Older courses have none.
CREATE TABLE course_outlines (
  course_id text NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  outline blob NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);

-- How many public courses start in each cell of the map, at some zoom levels,
-- and where in the mean: what a map of a million courses shows from afar.
CREATE TABLE course_cells (
  level integer NOT NULL, -- the map is 2^level cells wide
  x integer NOT NULL,
  y integer NOT NULL,
  courses integer NOT NULL,
  sum_x bigint NOT NULL, -- of map_x
  sum_y bigint NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  PRIMARY KEY (level, x, y)
) WITHOUT ROWID;

-- What the indexes hold of each course.
CREATE VIEW mapped_courses AS SELECT c.id, c.spatial_key, c.is_public, c.start_lat, c.start_lng, c.route_south, c.route_west, c.route_north, c.route_east,
    c.map_x, c.map_y,
    -- of its box; all longitudes when it crosses ±180°
    CASE WHEN c.route_west > c.route_east THEN -180 ELSE c.route_west END AS west,
    CASE WHEN c.route_west > c.route_east THEN 180 ELSE c.route_east END AS east,
    coalesce(s.total_runs, 0)
      + instr('123456789abcdef', substr(c.id, 29, 1)) / 16.0 + instr('123456789abcdef', substr(c.id, 30, 1)) / 256.0
      + instr('123456789abcdef', substr(c.id, 31, 1)) / 4096.0 + instr('123456789abcdef', substr(c.id, 32, 1)) / 65536.0
      + instr('123456789abcdef', substr(c.id, 33, 1)) / 1048576.0 + instr('123456789abcdef', substr(c.id, 34, 1)) / 16777216.0
      + instr('123456789abcdef', substr(c.id, 35, 1)) / 268435456.0 + instr('123456789abcdef', substr(c.id, 36, 1)) / 4294967296.0 AS prominence,
    (WITH RECURSIVE places (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM places WHERE i < length(c.title_folded))
      SELECT group_concat('g' || hex(substr(c.title_folded, i, 1)) || ' g' || hex(substr(c.title_folded, i, 2)) || ' g' || hex(substr(c.title_folded, i, 3)), ' ') FROM places)
      || coalesce((SELECT group_concat(' t' || hex(value), '') FROM json_each(c.tags)), '') AS words
  FROM courses AS c LEFT JOIN course_stats AS s ON s.course_id = c.id;

-- Kept in the transaction of the change: shown when a course is or becomes
-- public, hidden when it goes or becomes private.
CREATE TRIGGER courses_mapped AFTER INSERT ON courses BEGIN
  INSERT INTO course_map (spatial_key, course_id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east)
    SELECT spatial_key, id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east FROM mapped_courses WHERE spatial_key = new.spatial_key;
END;
CREATE TRIGGER courses_shown AFTER INSERT ON courses WHEN new.is_public BEGIN
  INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_routes SELECT spatial_key, west, east, route_south, route_north FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_words (rowid, words) SELECT spatial_key, words FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
    SELECT level, map_x >> (30 - level), map_y >> (30 - level), 1, map_x, map_y
    FROM mapped_courses CROSS JOIN (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16) WHERE spatial_key = new.spatial_key
    ON CONFLICT (level, x, y) DO UPDATE SET courses = courses + 1, sum_x = sum_x + excluded.sum_x, sum_y = sum_y + excluded.sum_y;
END;
CREATE TRIGGER courses_changing BEFORE UPDATE OF is_public, title_folded, tags ON courses WHEN old.is_public BEGIN
  DELETE FROM course_starts WHERE id = old.spatial_key;
  DELETE FROM course_routes WHERE id = old.spatial_key;
  DELETE FROM course_words WHERE rowid = old.spatial_key;
  UPDATE course_cells SET courses = courses - 1, sum_x = sum_x - old.map_x, sum_y = sum_y - old.map_y
    WHERE (level, x, y) IN (SELECT level, old.map_x >> (30 - level), old.map_y >> (30 - level) FROM (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16));
END;
CREATE TRIGGER courses_changed AFTER UPDATE OF is_public, title_folded, tags ON courses WHEN new.is_public BEGIN
  INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_routes SELECT spatial_key, west, east, route_south, route_north FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_words (rowid, words) SELECT spatial_key, words FROM mapped_courses WHERE spatial_key = new.spatial_key;
  INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
    SELECT level, map_x >> (30 - level), map_y >> (30 - level), 1, map_x, map_y
    FROM mapped_courses CROSS JOIN (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16) WHERE spatial_key = new.spatial_key
    ON CONFLICT (level, x, y) DO UPDATE SET courses = courses + 1, sum_x = sum_x + excluded.sum_x, sum_y = sum_y + excluded.sum_y;
END;
CREATE TRIGGER courses_remapped AFTER UPDATE OF is_public ON courses WHEN new.is_public <> old.is_public BEGIN
  UPDATE course_map SET is_public = new.is_public WHERE spatial_key = new.spatial_key;
END;
CREATE TRIGGER courses_hidden AFTER DELETE ON courses WHEN old.is_public BEGIN
  DELETE FROM course_starts WHERE id = old.spatial_key;
  DELETE FROM course_routes WHERE id = old.spatial_key;
  DELETE FROM course_words WHERE rowid = old.spatial_key;
  UPDATE course_cells SET courses = courses - 1, sum_x = sum_x - old.map_x, sum_y = sum_y - old.map_y
    WHERE (level, x, y) IN (SELECT level, old.map_x >> (30 - level), old.map_y >> (30 - level) FROM (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16));
END;
CREATE TRIGGER courses_unmapped AFTER DELETE ON courses BEGIN
  DELETE FROM course_map WHERE spatial_key = old.spatial_key;
END;
CREATE TRIGGER course_stats_inserted AFTER INSERT ON course_stats WHEN new.total_runs <> 0 BEGIN
  UPDATE course_map SET prominence = (SELECT prominence FROM mapped_courses WHERE id = new.course_id)
    WHERE spatial_key = (SELECT spatial_key FROM courses WHERE id = new.course_id);
END;
CREATE TRIGGER course_stats_updated AFTER UPDATE OF total_runs ON course_stats WHEN new.total_runs <> old.total_runs BEGIN
  UPDATE course_map SET prominence = (SELECT prominence FROM mapped_courses WHERE id = new.course_id)
    WHERE spatial_key = (SELECT spatial_key FROM courses WHERE id = new.course_id);
END;

-- What exists already is mapped.
INSERT INTO course_map (spatial_key, course_id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east)
    SELECT spatial_key, id, is_public, prominence, start_lat, start_lng, route_south, route_west, route_north, route_east FROM mapped_courses;
INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat FROM mapped_courses WHERE is_public;
INSERT INTO course_routes SELECT spatial_key, west, east, route_south, route_north FROM mapped_courses WHERE is_public;
INSERT INTO course_words (rowid, words) SELECT spatial_key, words FROM mapped_courses WHERE is_public;
INSERT INTO course_cells (level, x, y, courses, sum_x, sum_y)
  SELECT level, map_x >> (30 - level), map_y >> (30 - level), 1, map_x, map_y
  FROM mapped_courses CROSS JOIN (SELECT 0 AS level UNION ALL SELECT 4 UNION ALL SELECT 6 UNION ALL SELECT 8 UNION ALL SELECT 10 UNION ALL SELECT 12 UNION ALL SELECT 14 UNION ALL SELECT 16) WHERE is_public
  ON CONFLICT (level, x, y) DO UPDATE SET courses = courses + 1, sum_x = sum_x + excluded.sum_x, sum_y = sum_y + excluded.sum_y;
