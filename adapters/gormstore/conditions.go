package gormstore

import "strings"

// conditions is a list of SQL conditions with their arguments.
type conditions struct {
	sql  []string
	args []any
}

func (c *conditions) add(sql string, args ...any) {
	c.sql = append(c.sql, sql)
	c.args = append(c.args, args...)
}

// with adds a condition.
func (c conditions) with(sql string, args ...any) conditions {
	c.add(sql, args...)
	return c
}

// all says that all hold.
func (c conditions) all() string { return strings.Join(c.sql, " AND ") }

// any is the one condition that some of them holds.
func (c conditions) any() conditions {
	return conditions{sql: []string{"(" + strings.Join(c.sql, " OR ") + ")"}, args: c.args}
}
