package jobs

import "github.com/riverqueue/river"

// River's tables are its own, and may change with any version. All statements that
// touch them stand here, for PostgreSQL (pg…) and for SQLite (lite…) side by side.
// riverVersion says against which version they were read, and TestRiversTables
// holds it against go.mod, and the columns against River's own migrations.
const riverVersion = "v0.51.1"

const (
	// Whether a job waits.
	liteJobWaits = `SELECT EXISTS (
		SELECT 1 FROM river_job
		WHERE state = 'available' AND queue = '` + river.QueueDefault + `' AND scheduled_at <= datetime('now', 'subsec'))`

	// That a suspect is done alone now, or no longer.
	pgNoteTurn   = "UPDATE river_job SET metadata = jsonb_set(metadata, '{alone}', to_jsonb($2::text)) WHERE id = $1"
	liteNoteTurn = "UPDATE river_job SET metadata = jsonb_set(metadata, '$.alone', ?2) WHERE id = ?1"

	// A periodic job that was set aside: see clearWay.
	pgForgetPeriodic = `
		DELETE FROM river_job WHERE kind = $1 AND state = 'discarded'
		AND (coalesce((metadata->>'deaths')::int, 0) < $2 OR finalized_at < now() - make_interval(secs => $3))`
	liteForgetPeriodic = `
		DELETE FROM river_job WHERE kind = ?1 AND state = 'discarded'
		AND (coalesce(json_extract(metadata, '$.deaths'), 0) < ?2 OR unixepoch(finalized_at) < unixepoch() - ?3)`

	// How many jobs wait or are set aside.
	pgCounts = `
		SELECT kind, state::text, count(*), extract(epoch FROM min(created_at))::float8
		FROM river_job WHERE state IN ('available', 'retryable', 'scheduled', 'discarded') GROUP BY kind, state`
	liteCounts = `
		SELECT kind, state, count(*), unixepoch(min(created_at), 'subsec')
		FROM river_job WHERE state IN ('available', 'retryable', 'scheduled', 'discarded') GROUP BY kind, state`

	// A job that was set aside is new again; one that has killed stays a suspect.
	pgRetry = `
		UPDATE river_job
		SET state = 'available', attempt = 0, max_attempts = $2, finalized_at = NULL, scheduled_at = now(),
			queue = CASE WHEN coalesce((metadata->>'deaths')::int, 0) > 0 THEN $3 ELSE queue END,
			metadata = metadata || jsonb_build_object('snoozes', 0, 'deaths', least(1, coalesce((metadata->>'deaths')::int, 0)))
		WHERE state = 'discarded' AND ($1::bigint = 0 OR id = $1::bigint)`
	liteRetry = `
		UPDATE river_job
		SET state = 'available', attempt = 0, max_attempts = ?2, finalized_at = NULL, scheduled_at = datetime('now', 'subsec'),
			queue = CASE WHEN coalesce(json_extract(metadata, '$.deaths'), 0) > 0 THEN ?3 ELSE queue END,
			metadata = jsonb_set(metadata, '$.snoozes', 0, '$.deaths', min(1, coalesce(json_extract(metadata, '$.deaths'), 0)))
		WHERE state = 'discarded' AND (?1 = 0 OR id = ?1)`

	// A job that was set aside goes.
	pgDrop   = "DELETE FROM river_job WHERE state = 'discarded' AND id = $1"
	liteDrop = "DELETE FROM river_job WHERE state = 'discarded' AND id = ?1"

	// Everyone who seems to run a job or to lead.
	pgWorkingClients = `
SELECT client FROM (
	SELECT attempted_by[array_upper(attempted_by, 1)] AS client FROM river_job WHERE state = 'running'
	UNION
	SELECT leader_id FROM river_leader
) AS working
WHERE client LIKE $1 || '%' AND client <> $2`

	// The jobs that a dead client ran; on SQLite all, for nobody else works.
	pgOrphans = `
		SELECT id, attempt, max_attempts, coalesce((metadata->>'deaths')::int, 0), queue = $2, coalesce(metadata->>'alone' = $1, false)
		FROM river_job
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = $1
		ORDER BY id FOR UPDATE`
	liteOrphans = `
		SELECT id, attempt, max_attempts, coalesce(json_extract(metadata, '$.deaths'), 0), queue = ?,
			coalesce(json_extract(metadata, '$.alone') = json_extract(attempted_by, '$[#-1]'), false)
		FROM river_job WHERE state = 'running'`

	// A dead client's job waits again, or is set aside.
	pgRevive = `
			UPDATE river_job
			SET state = $2::river_job_state, queue = $3, attempt = $4, scheduled_at = now(),
				finalized_at = CASE WHEN $2 = 'discarded' THEN now() END,
				metadata = metadata || $5::jsonb,
				errors = CASE WHEN $6::jsonb IS NULL THEN errors ELSE array_append(errors, $6::jsonb) END
			WHERE id = $1`
	liteRevive = `
			UPDATE river_job
			SET state = ?2, queue = ?3, attempt = ?4, scheduled_at = datetime('now', 'subsec'),
				finalized_at = CASE WHEN ?2 = 'discarded' THEN datetime('now', 'subsec') END,
				metadata = jsonb_patch(metadata, ?5),
				errors = CASE WHEN ?6 IS NULL THEN errors ELSE jsonb_insert(coalesce(errors, jsonb('[]')), '$[#]', json(?6)) END
			WHERE id = ?1`

	// A dead leader leads no more.
	pgForgetLeader    = "DELETE FROM river_leader WHERE leader_id = $1"
	liteForgetLeaders = "DELETE FROM river_leader WHERE leader_id <> ?"
)

// pgList and liteList select the newest jobs in states, which are literals of ours.
func pgList(in string) string {
	return `
		SELECT id, kind, coalesce(args->>'id', ''), attempt, max_attempts,
			coalesce((metadata->>'deaths')::int, 0), coalesce((metadata->>'failures')::int, 0),
			coalesce(errors[array_upper(errors, 1)]->>'error', ''),
			extract(epoch FROM coalesce(finalized_at, scheduled_at))::float8
		FROM river_job WHERE state IN (` + in + `) ORDER BY id DESC LIMIT $1`
}

func liteList(in string) string {
	return `
		SELECT id, kind, coalesce(json_extract(args, '$.id'), ''), attempt, max_attempts,
			coalesce(json_extract(metadata, '$.deaths'), 0), coalesce(json_extract(metadata, '$.failures'), 0),
			coalesce(json_extract(errors, '$[#-1].error'), ''),
			unixepoch(coalesce(finalized_at, scheduled_at), 'subsec')
		FROM river_job WHERE state IN (` + in + `) ORDER BY id DESC LIMIT ?1`
}
