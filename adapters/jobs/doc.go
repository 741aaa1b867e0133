// Package jobs is the durable queue: River, on the same PostgreSQL or SQLite
// database that the store keeps everything else in.
//
// An Enqueuer adds a job within the store's transaction, so that a job exists
// exactly when its cause does. Workers take jobs and hand them to the
// application. A job is tried again, later and later, until it succeeds or is set
// aside: ports.JobHandler says when. A job whose process died is run again within
// seconds; turns.go says how innocent jobs are told from one that kills. What was
// set aside is at the Desk until somebody decides.
//
// What it cannot do: run a job exactly once. A process can die between a job's
// effect and its acknowledgement, so handlers must bear being called again.
// PostgreSQL must be reached directly or through a session pooler: the queue
// listens for notifications and holds session locks. Workers on one SQLite file
// are meant to be in one process.
package jobs
