-- A map that gives the most-run public courses of any view without looking at
-- the others: the R*Trees have the prominence as their third dimension.
CREATE VIEW mapped_courses AS SELECT c.id, c.spatial_key, c.start_lat, c.start_lng, c.route_south, c.route_north,
    CASE WHEN c.route_west > c.route_east THEN -180 ELSE c.route_west END AS route_west,
    CASE WHEN c.route_west > c.route_east THEN 180 ELSE c.route_east END AS route_east,
    -- total_runs, and the last 32 bits of the id as a fraction
    coalesce(s.total_runs, 0)
      + instr('123456789abcdef', substr(c.id, 29, 1)) / 16.0 + instr('123456789abcdef', substr(c.id, 30, 1)) / 256.0
      + instr('123456789abcdef', substr(c.id, 31, 1)) / 4096.0 + instr('123456789abcdef', substr(c.id, 32, 1)) / 65536.0
      + instr('123456789abcdef', substr(c.id, 33, 1)) / 1048576.0 + instr('123456789abcdef', substr(c.id, 34, 1)) / 16777216.0
      + instr('123456789abcdef', substr(c.id, 35, 1)) / 268435456.0 + instr('123456789abcdef', substr(c.id, 36, 1)) / 4294967296.0 AS prominence
  FROM courses AS c LEFT JOIN course_stats AS s ON s.course_id = c.id WHERE c.is_public;

DROP TRIGGER courses_inserted;
DROP TRIGGER courses_deleted;
DROP TABLE course_starts;
DROP TABLE course_routes;
CREATE VIRTUAL TABLE course_starts USING rtree (id, west, east, south, north, least, most);
CREATE VIRTUAL TABLE course_routes USING rtree (id, west, east, south, north, least, most);
CREATE TRIGGER courses_inserted AFTER INSERT ON courses BEGIN
  INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat, prominence, prominence FROM mapped_courses WHERE id = new.id;
  INSERT INTO course_routes SELECT spatial_key, route_west, route_east, route_south, route_north, prominence, prominence FROM mapped_courses WHERE id = new.id;
END;
CREATE TRIGGER courses_shown AFTER UPDATE OF is_public ON courses WHEN new.is_public <> old.is_public BEGIN
  DELETE FROM course_starts WHERE id = old.spatial_key;
  DELETE FROM course_routes WHERE id = old.spatial_key;
  INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat, prominence, prominence FROM mapped_courses WHERE id = new.id;
  INSERT INTO course_routes SELECT spatial_key, route_west, route_east, route_south, route_north, prominence, prominence FROM mapped_courses WHERE id = new.id;
END;
CREATE TRIGGER courses_deleted AFTER DELETE ON courses BEGIN
  DELETE FROM course_starts WHERE id = old.spatial_key;
  DELETE FROM course_routes WHERE id = old.spatial_key;
END;
CREATE TRIGGER course_stats_inserted AFTER INSERT ON course_stats WHEN new.total_runs <> 0 BEGIN
  UPDATE course_starts SET least = (SELECT prominence FROM mapped_courses WHERE id = new.course_id), most = (SELECT prominence FROM mapped_courses WHERE id = new.course_id)
    WHERE id = (SELECT spatial_key FROM mapped_courses WHERE id = new.course_id);
  UPDATE course_routes SET least = (SELECT prominence FROM mapped_courses WHERE id = new.course_id), most = (SELECT prominence FROM mapped_courses WHERE id = new.course_id)
    WHERE id = (SELECT spatial_key FROM mapped_courses WHERE id = new.course_id);
END;
CREATE TRIGGER course_stats_updated AFTER UPDATE OF total_runs ON course_stats WHEN new.total_runs <> old.total_runs BEGIN
  UPDATE course_starts SET least = (SELECT prominence FROM mapped_courses WHERE id = new.course_id), most = (SELECT prominence FROM mapped_courses WHERE id = new.course_id)
    WHERE id = (SELECT spatial_key FROM mapped_courses WHERE id = new.course_id);
  UPDATE course_routes SET least = (SELECT prominence FROM mapped_courses WHERE id = new.course_id), most = (SELECT prominence FROM mapped_courses WHERE id = new.course_id)
    WHERE id = (SELECT spatial_key FROM mapped_courses WHERE id = new.course_id);
END;
INSERT INTO course_starts SELECT spatial_key, start_lng, start_lng, start_lat, start_lat, prominence, prominence FROM mapped_courses;
INSERT INTO course_routes SELECT spatial_key, route_west, route_east, route_south, route_north, prominence, prominence FROM mapped_courses;
