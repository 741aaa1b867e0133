// Package schema embeds the migrations of both SQL stores. A migration that has
// been released is never changed: atlas.sum holds the checksums, and a changed
// file stops the program.
package schema

import "embed"

// Postgres has the migrations for PostgreSQL with PostGIS, in the folder postgres.
//
//go:embed postgres
var Postgres embed.FS

// SQLite has the migrations for SQLite, in the folder sqlite.
//
//go:embed sqlite
var SQLite embed.FS
