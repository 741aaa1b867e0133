-- A map that gives the most-run public courses of any view without looking at
-- the others: the cubes have the prominence as their third dimension, and their
-- index is walked from the most prominent down.
CREATE EXTENSION IF NOT EXISTS cube;

CREATE TABLE course_map (
  course_id uuid NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  prominence double precision NOT NULL, -- total_runs, and a fraction of the id that tells equals apart
  start cube NOT NULL, -- lng, lat, prominence
  route cube NOT NULL, -- the box of the line
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION map_course() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  course courses.id%TYPE;
BEGIN
  IF TG_TABLE_NAME = 'courses' THEN course := new.id; ELSE course := new.course_id; END IF;
  INSERT INTO course_map (course_id, prominence, start, route)
    SELECT id, prominence, cube(ARRAY[start_lng, start_lat, prominence]),
      cube(ARRAY[CASE WHEN route_west > route_east THEN -180 ELSE route_west END, route_south, prominence],
        ARRAY[CASE WHEN route_west > route_east THEN 180 ELSE route_east END, route_north, prominence])
    FROM (SELECT c.*, coalesce(s.total_runs, 0) + ('x' || right(c.id::text, 8))::bit(32)::bigint / 4294967296.0::float8 AS prominence
      FROM courses AS c LEFT JOIN course_stats AS s ON s.course_id = c.id WHERE c.id = course AND c.is_public) AS seen
    ON CONFLICT (course_id) DO UPDATE SET prominence = excluded.prominence, start = excluded.start, route = excluded.route;
  IF NOT FOUND THEN
    DELETE FROM course_map WHERE course_id = course;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER courses_mapped AFTER INSERT OR UPDATE OF is_public ON courses FOR EACH ROW EXECUTE FUNCTION map_course();
CREATE TRIGGER course_stats_mapped AFTER INSERT OR UPDATE OF total_runs ON course_stats FOR EACH ROW EXECUTE FUNCTION map_course();

INSERT INTO course_map (course_id, prominence, start, route)
  SELECT id, prominence, cube(ARRAY[start_lng, start_lat, prominence]),
    cube(ARRAY[CASE WHEN route_west > route_east THEN -180 ELSE route_west END, route_south, prominence],
      ARRAY[CASE WHEN route_west > route_east THEN 180 ELSE route_east END, route_north, prominence])
  FROM (SELECT c.*, coalesce(s.total_runs, 0) + ('x' || right(c.id::text, 8))::bit(32)::bigint / 4294967296.0::float8 AS prominence
    FROM courses AS c LEFT JOIN course_stats AS s ON s.course_id = c.id WHERE c.is_public) AS seen;
CREATE INDEX course_map_start ON course_map USING gist (start);
CREATE INDEX course_map_route ON course_map USING gist (route);

-- Its work is done by course_map_route.
DROP INDEX courses_route_box;
