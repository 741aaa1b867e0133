-- The founding schema. Every id is a UUID made by the application (version 7);
-- the default is for people at a console.
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE users (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  email varchar(255),
  nickname varchar(12) UNIQUE,
  nickname_folded text UNIQUE, -- as the application folds case, whatever the database's locale
  avatar_url text,
  total_distance_meters bigint NOT NULL DEFAULT 0,
  total_runs integer NOT NULL DEFAULT 0,
  weight_kg real,
  tokens_valid_after timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);
-- A nickname is unique without regard to case, also when written by hand.
CREATE UNIQUE INDEX users_nickname_lower ON users (lower(nickname));

CREATE TABLE social_accounts (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  provider varchar(20) NOT NULL,
  provider_id varchar(255) NOT NULL,
  provider_email varchar(255),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (provider, provider_id)
);
CREATE INDEX social_accounts_user_id ON social_accounts (user_id);

CREATE TABLE refresh_tokens (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  token_hash varchar(255) NOT NULL,
  expires_at timestamptz NOT NULL,
  is_revoked boolean NOT NULL DEFAULT false,
  family_id uuid NOT NULL,
  family_started_at timestamptz NOT NULL,
  used_at timestamptz,
  successor_id uuid,
  sealed_successor bytea,
  idempotency_key_hash bytea,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX refresh_tokens_user_id_is_revoked ON refresh_tokens (user_id, is_revoked);
CREATE INDEX refresh_tokens_family_id ON refresh_tokens (family_id);
-- At most one token of a family can be used.
CREATE UNIQUE INDEX refresh_tokens_one_active ON refresh_tokens (family_id) WHERE used_at IS NULL AND NOT is_revoked;
CREATE INDEX refresh_tokens_expires_at ON refresh_tokens (expires_at);

CREATE TABLE courses (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  creator_id uuid REFERENCES users (id) ON DELETE SET NULL,
  run_record_id uuid,
  title varchar(30) NOT NULL,
  description text,
  route_geometry geography(LineString, 4326) NOT NULL,
  start_point geography(Point, 4326) NOT NULL,
  start_lat double precision NOT NULL,
  start_lng double precision NOT NULL,
  route_south double precision NOT NULL,
  route_west double precision NOT NULL,
  route_north double precision NOT NULL,
  route_east double precision NOT NULL,
  distance_meters integer NOT NULL,
  estimated_duration_seconds integer,
  elevation_gain_meters integer NOT NULL DEFAULT 0,
  elevation_profile jsonb,
  thumbnail_url text,
  is_public boolean NOT NULL DEFAULT true,
  tags text[] NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX courses_start_point ON courses USING gist (start_point);
CREATE INDEX courses_route_geometry ON courses USING gist (route_geometry);
CREATE INDEX courses_is_public_created_at ON courses (is_public, created_at DESC);
CREATE INDEX courses_creator_id ON courses (creator_id);
CREATE INDEX courses_start ON courses (start_lat, start_lng);
CREATE INDEX courses_tags ON courses USING gin (tags);
-- The boxes of the lines, in degrees: a geography's own box breaks down at half
-- the world. A line that crosses ±180° is listed under all longitudes.
CREATE INDEX courses_route_box ON courses USING gist (box(
  point(CASE WHEN route_west > route_east THEN -180 ELSE route_west END, route_south),
  point(CASE WHEN route_west > route_east THEN 180 ELSE route_east END, route_north)));

CREATE TABLE run_sessions (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  course_id uuid REFERENCES courses (id) ON DELETE SET NULL,
  status varchar(20) NOT NULL CHECK (status IN ('active', 'completed', 'recovered', 'abandoned')),
  started_at timestamptz NOT NULL,
  device_info jsonb,
  client_session_id uuid,
  body_digest bytea NOT NULL,
  run_record_id uuid,
  final_sequence integer, -- of the final chunk, once it has arrived
  active_since timestamptz NOT NULL,
  abandoned_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX run_sessions_client_session_id ON run_sessions (user_id, client_session_id);
CREATE INDEX run_sessions_user_id_started_at ON run_sessions (user_id, started_at DESC, id DESC);
CREATE INDEX run_sessions_course_id ON run_sessions (course_id);
CREATE INDEX run_sessions_active ON run_sessions (active_since) WHERE status = 'active';
CREATE INDEX run_sessions_abandoned ON run_sessions (abandoned_at) WHERE status = 'abandoned';

CREATE TABLE run_chunks (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES run_sessions (id) ON DELETE CASCADE,
  sequence integer NOT NULL CHECK (sequence >= 0),
  chunk_type varchar(20) NOT NULL CHECK (chunk_type IN ('intermediate', 'final')),
  raw_gps_points jsonb COMPRESSION lz4 NOT NULL,
  filtered_points jsonb COMPRESSION lz4,
  chunk_summary jsonb,
  cumulative jsonb,
  completed_splits jsonb NOT NULL DEFAULT '[]',
  pause_intervals jsonb NOT NULL DEFAULT '[]',
  digest bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (session_id, sequence)
);

CREATE TABLE run_records (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  session_id uuid NOT NULL UNIQUE REFERENCES run_sessions (id) ON DELETE CASCADE,
  course_id uuid REFERENCES courses (id) ON DELETE SET NULL,
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
  route_geometry geography(LineString, 4326) NOT NULL,
  elevation_profile jsonb NOT NULL,
  splits jsonb NOT NULL,
  pause_intervals jsonb NOT NULL DEFAULT '[]',
  filter_config jsonb NOT NULL,
  client_filter jsonb,
  client_discrepancy jsonb,
  flags jsonb NOT NULL DEFAULT '[]',
  track_digest bytea NOT NULL,
  local_hour smallint NOT NULL CHECK (local_hour BETWEEN 0 AND 23),
  processing varchar(20) NOT NULL CHECK (processing IN ('pending', 'done', 'failed')),
  course_completed boolean,
  route_match_percent real,
  max_deviation_meters real,
  course_duration_seconds integer,
  rule_version varchar(40),
  verdict jsonb,
  started_at timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX run_records_user_id_finished_at ON run_records (user_id, finished_at DESC, id DESC);
CREATE INDEX run_records_course_id_duration_seconds ON run_records (course_id, duration_seconds);
CREATE INDEX run_records_course_best ON run_records (course_id, user_id, course_duration_seconds) WHERE course_completed;
CREATE INDEX run_records_track_digest ON run_records (track_digest);

-- The run a course was made of may go; the course stays.
ALTER TABLE courses ADD CONSTRAINT courses_run_record_id_fkey
  FOREIGN KEY (run_record_id) REFERENCES run_records (id) ON DELETE SET NULL;
CREATE INDEX courses_run_record_id ON courses (run_record_id);

CREATE TABLE course_stats (
  course_id uuid NOT NULL PRIMARY KEY REFERENCES courses (id) ON DELETE CASCADE,
  total_runs integer NOT NULL DEFAULT 0,
  unique_runners integer NOT NULL DEFAULT 0,
  avg_duration_seconds integer,
  avg_pace_seconds_per_km integer,
  best_duration_seconds integer,
  best_pace_seconds_per_km integer,
  completion_rate real NOT NULL DEFAULT 0,
  runs_by_hour jsonb NOT NULL DEFAULT '{}',
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE rankings (
  id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
  course_id uuid NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  best_duration_seconds integer NOT NULL,
  best_pace_seconds_per_km integer NOT NULL,
  run_count integer NOT NULL DEFAULT 1,
  rank integer,
  achieved_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (course_id, user_id)
);
CREATE INDEX rankings_board ON rankings (course_id, best_duration_seconds, achieved_at, user_id);
CREATE INDEX rankings_user_id ON rankings (user_id);
