package gormstore

import (
	"strconv"

	"gorm.io/gorm"
	"gorm.io/gorm/callbacks"
	"gorm.io/gorm/clause"
	gormlogger "gorm.io/gorm/logger"
	"gorm.io/gorm/schema"

	"github.com/runvs/runvs/adapters/sqlite"
)

// sqliteGorm tells GORM how SQLite is spoken to. GORM's own package for it links
// the C library into every build, and knows how to make tables, which our migrations do.
type sqliteGorm struct{ conns gorm.ConnPool }

// Name implements gorm.Dialector.
func (sqliteGorm) Name() string { return "sqlite" }

// Initialize implements gorm.Dialector.
func (d sqliteGorm) Initialize(db *gorm.DB) error {
	db.ConnPool = d.conns
	callbacks.RegisterDefaultCallbacks(db, &callbacks.Config{
		CreateClauses:        []string{"INSERT", "VALUES", "ON CONFLICT", "RETURNING"},
		UpdateClauses:        []string{"UPDATE", "SET", "FROM", "WHERE", "RETURNING"},
		DeleteClauses:        []string{"DELETE", "FROM", "WHERE", "RETURNING"},
		LastInsertIDReversed: true,
	})
	db.ClauseBuilders["LIMIT"] = buildLimit
	return nil
}

// buildLimit writes what SQLite wants before an OFFSET: a LIMIT, of -1 for all.
func buildLimit(c clause.Clause, b clause.Builder) {
	limit, ok := c.Expression.(clause.Limit)
	if !ok {
		return
	}
	n := -1
	if limit.Limit != nil && *limit.Limit >= 0 {
		n = *limit.Limit
	}
	if n >= 0 || limit.Offset > 0 {
		_, _ = b.WriteString("LIMIT " + strconv.Itoa(n))
	}
	if limit.Offset > 0 {
		_, _ = b.WriteString(" OFFSET " + strconv.Itoa(limit.Offset))
	}
}

// Migrator implements gorm.Dialector: there is none.
func (sqliteGorm) Migrator(*gorm.DB) gorm.Migrator { return nil }

// DataTypeOf implements gorm.Dialector; it is for migrators.
func (sqliteGorm) DataTypeOf(f *schema.Field) string { return string(f.DataType) }

// DefaultValueOf implements gorm.Dialector.
func (sqliteGorm) DefaultValueOf(*schema.Field) clause.Expression {
	return clause.Expr{SQL: "NULL"}
}

// BindVarTo implements gorm.Dialector.
func (sqliteGorm) BindVarTo(w clause.Writer, _ *gorm.Statement, _ any) { _ = w.WriteByte('?') }

// QuoteTo implements gorm.Dialector: each part of a dotted name is quoted.
func (sqliteGorm) QuoteTo(w clause.Writer, name string) {
	_ = w.WriteByte('`')
	for i := range len(name) {
		switch name[i] {
		case '`': // the caller's own quotes
		case '.':
			_, _ = w.WriteString("`.`")
		default:
			_ = w.WriteByte(name[i])
		}
	}
	_ = w.WriteByte('`')
}

// Explain implements gorm.Dialector.
func (sqliteGorm) Explain(sql string, vars ...any) string {
	return gormlogger.ExplainSQL(sql, nil, `"`, vars...)
}

// Translate implements gorm.ErrorTranslator.
func (sqliteGorm) Translate(err error) error {
	switch sqlite.Code(err) {
	case sqlite.ConstraintUnique, sqlite.ConstraintPrimaryKey:
		return gorm.ErrDuplicatedKey
	case sqlite.ConstraintForeignKey:
		return gorm.ErrForeignKeyViolated
	}
	return err
}
