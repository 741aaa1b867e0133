-- The founding schema, column for column that of PostgreSQL. Ids are UUIDs as
-- text, times are UTC text that sorts, geography is EWKB.

CREATE TABLE users (
  id text NOT NULL PRIMARY KEY,
  email varchar(255),
  nickname varchar(12) UNIQUE,
  nickname_folded text UNIQUE, -- lower() knows ASCII only, so the application folds case
  avatar_url text,
  total_distance_meters bigint NOT NULL DEFAULT 0,
  total_runs integer NOT NULL DEFAULT 0,
  weight_kg real,
  tokens_valid_after timestamp,
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);

CREATE TABLE social_accounts (
  id text NOT NULL PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider varchar(20) NOT NULL,
  provider_id varchar(255) NOT NULL,
  provider_email varchar(255),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  UNIQUE (provider, provider_id)
);
CREATE INDEX social_accounts_user_id ON social_accounts (user_id);

CREATE TABLE refresh_tokens (
  id text NOT NULL PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash varchar(255) NOT NULL,
  expires_at timestamp NOT NULL,
  is_revoked boolean NOT NULL DEFAULT false,
  family_id text NOT NULL,
  family_started_at timestamp NOT NULL,
  used_at timestamp,
  successor_id text,
  sealed_successor blob,
  idempotency_key_hash blob,
  revoked_at timestamp,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE INDEX refresh_tokens_user_id_is_revoked ON refresh_tokens (user_id, is_revoked);
CREATE INDEX refresh_tokens_family_id ON refresh_tokens (family_id);
-- At most one token of a family can be used.
CREATE UNIQUE INDEX refresh_tokens_one_active ON refresh_tokens (family_id) WHERE used_at IS NULL AND NOT is_revoked;
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE courses (
  spatial_key integer PRIMARY KEY, -- the id in the R*Trees; a rowid without a name could change
  id text NOT NULL UNIQUE,
  creator_id text REFERENCES users (id) ON DELETE SET NULL,
  run_record_id text REFERENCES run_records (id) ON DELETE SET NULL, -- the run may go, the course stays
  title varchar(30) NOT NULL,
  description text,
  route_geometry blob NOT NULL,
  start_point blob NOT NULL,
  start_lat real NOT NULL,
  start_lng real NOT NULL,
  route_south real NOT NULL,
  route_west real NOT NULL,
  route_north real NOT NULL,
  route_east real NOT NULL,
  distance_meters integer NOT NULL,
  estimated_duration_seconds integer,
  elevation_gain_meters integer NOT NULL DEFAULT 0,
  elevation_profile text,
  thumbnail_url text,
  is_public boolean NOT NULL DEFAULT true,
  tags text NOT NULL DEFAULT '[]',
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
-- Where courses start and what box each line fills, by spatial_key. Kept
-- by the triggers below, in the transaction of the change.
CREATE VIRTUAL TABLE course_starts USING rtree (id, west, east, south, north);
CREATE VIRTUAL TABLE course_routes USING rtree (id, west, east, south, north);
CREATE TRIGGER courses_inserted AFTER INSERT ON courses BEGIN
  INSERT INTO course_starts VALUES (new.spatial_key, new.start_lng, new.start_lng, new.start_lat, new.start_lat);
  INSERT INTO course_routes VALUES (new.spatial_key,
    CASE WHEN new.route_west > new.route_east THEN -180 ELSE new.route_west END,
    CASE WHEN new.route_west > new.route_east THEN 180 ELSE new.route_east END,
    new.route_south, new.route_north);
END;
CREATE TRIGGER courses_deleted AFTER DELETE ON courses BEGIN
  DELETE FROM course_starts WHERE id = old.spatial_key;
  DELETE FROM course_routes WHERE id = old.spatial_key;
END;
CREATE INDEX courses_is_public_created_at ON courses (is_public, created_at DESC);
CREATE INDEX courses_creator_id ON courses (creator_id);
CREATE INDEX courses_start ON courses (start_lat, start_lng);

CREATE TABLE run_sessions (
  id text NOT NULL PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  course_id text REFERENCES courses (id) ON DELETE SET NULL,
  status varchar(20) NOT NULL CHECK (status IN ('active', 'completed', 'recovered', 'abandoned')),
  started_at timestamp NOT NULL,
  device_info text,
  client_session_id text,
  body_digest blob NOT NULL,
  run_record_id text,
  final_sequence integer, -- of the final chunk, once it has arrived
  active_since timestamp NOT NULL,
  abandoned_at timestamp,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE UNIQUE INDEX run_sessions_client_session_id ON run_sessions (user_id, client_session_id);
CREATE INDEX run_sessions_user_id_started_at ON run_sessions (user_id, started_at DESC, id DESC);
CREATE INDEX run_sessions_course_id ON run_sessions (course_id);
CREATE INDEX run_sessions_active ON run_sessions (active_since) WHERE status = 'active';
CREATE INDEX run_sessions_abandoned ON run_sessions (abandoned_at) WHERE status = 'abandoned';

CREATE TABLE run_chunks (
  id text NOT NULL PRIMARY KEY,
  session_id text NOT NULL REFERENCES run_sessions (id) ON DELETE CASCADE,
  sequence integer NOT NULL CHECK (sequence >= 0),
  chunk_type varchar(20) NOT NULL CHECK (chunk_type IN ('intermediate', 'final')),
  raw_gps_points text NOT NULL,
  filtered_points text,
  chunk_summary text,
  cumulative text,
  completed_splits text NOT NULL DEFAULT '[]',
  pause_intervals text NOT NULL DEFAULT '[]',
  digest blob NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  UNIQUE (session_id, sequence)
);

CREATE TABLE run_records (
  id text NOT NULL PRIMARY KEY,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  session_id text NOT NULL UNIQUE REFERENCES run_sessions (id) ON DELETE CASCADE,
  course_id text REFERENCES courses (id) ON DELETE SET NULL,
  title varchar(100) NOT NULL DEFAULT '',
  distance_meters integer NOT NULL,
  duration_seconds integer NOT NULL,
  total_elapsed_seconds integer NOT NULL,
  avg_pace_seconds_per_km integer,
  best_pace_seconds_per_km integer,
  avg_speed_ms real NOT NULL,
  max_speed_ms real NOT NULL,
  calories integer NOT NULL,
  elevation_gain_meters integer NOT NULL DEFAULT 0,
  elevation_loss_meters integer NOT NULL DEFAULT 0,
  route_geometry blob NOT NULL,
  elevation_profile text NOT NULL,
  splits text NOT NULL,
  pause_intervals text NOT NULL DEFAULT '[]',
  filter_config text NOT NULL,
  client_filter text,
  client_discrepancy text,
  flags text NOT NULL DEFAULT '[]',
  track_digest blob NOT NULL,
  local_hour smallint NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
  processing varchar(20) NOT NULL CHECK (processing IN ('pending', 'done', 'failed')),
  course_completed boolean,
  route_match_percent real,
  max_deviation_meters real,
  course_duration_seconds integer,
  rule_version varchar(40),
  verdict text,
  started_at timestamp NOT NULL,
  finished_at timestamp NOT NULL,
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);
CREATE INDEX run_records_user_id_finished_at ON run_records (user_id, finished_at DESC, id DESC);
CREATE INDEX run_records_course_id_duration_seconds ON run_records (course_id, duration_seconds);
CREATE INDEX run_records_course_best ON run_records (course_id, user_id, course_duration_seconds) WHERE course_completed;
CREATE INDEX run_records_track_digest ON run_records (track_digest);

CREATE INDEX courses_run_record_id ON courses (run_record_id);

CREATE TABLE course_stats (
  course_id text NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  total_runs integer NOT NULL DEFAULT 0,
  unique_runners integer NOT NULL DEFAULT 0,
  avg_duration_seconds integer,
  avg_pace_seconds_per_km integer,
  best_duration_seconds integer,
  best_pace_seconds_per_km integer,
  completion_rate real NOT NULL DEFAULT 0,
  runs_by_hour text NOT NULL DEFAULT '{}',
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))
);

CREATE TABLE rankings (
  id text NOT NULL PRIMARY KEY,
  course_id text NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  user_id text NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  best_duration_seconds integer NOT NULL,
  best_pace_seconds_per_km integer NOT NULL,
  run_count integer NOT NULL DEFAULT 1,
  rank integer,
  achieved_at timestamp NOT NULL,
  updated_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  created_at timestamp NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')),
  UNIQUE (course_id, user_id)
);
CREATE INDEX rankings_board ON rankings (course_id, best_duration_seconds, achieved_at, user_id);
CREATE INDEX rankings_user_id ON rankings (user_id);
