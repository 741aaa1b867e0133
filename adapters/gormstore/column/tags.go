package column

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5/pgtype"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/runvs/runvs/domain/strictjson"
)

// Tags is a TEXT[] column; on SQLite the same list as JSON.
type Tags []string

// Value implements driver.Valuer for PostgreSQL.
func (t Tags) Value() (driver.Value, error) {
	// An array literal quotes its elements as JSON does, for text without control characters.
	b := []byte{'{'}
	for i, tag := range t {
		if i > 0 {
			b = append(b, ',')
		}
		b = strictjson.AppendString(b, []byte(tag))
	}
	return string(append(b, '}')), nil
}

// GormValue implements gorm.Valuer.
func (t Tags) GormValue(_ context.Context, db *gorm.DB) clause.Expr {
	var v any
	var err error
	if onSQLite(db) {
		v, err = t.asJSON()
	} else {
		v, err = t.Value()
	}
	if err != nil {
		_ = db.AddError(err)
	}
	return clause.Expr{SQL: "?", Vars: []any{v}}
}

// arrayTypes are what reads array literals: costly to make, and good for one
// goroutine at a time.
var arrayTypes = sync.Pool{New: func() any { return pgtype.NewMap() }}

func (t Tags) asJSON() (JSON, error) {
	if t == nil {
		return JSON("[]"), nil
	}
	return Encode(t)
}

// Scan implements sql.Scanner.
func (t *Tags) Scan(src any) error {
	s, ok := src.(string)
	if b, isBytes := src.([]byte); isBytes {
		s, ok = string(b), true
	}
	if !ok {
		return fmt.Errorf("no list of tags: %T", src)
	}
	tags := []string{}
	*t = tags
	if s != "" && s[0] == '[' {
		return json.Unmarshal([]byte(s), t)
	}
	types := arrayTypes.Get().(*pgtype.Map)
	defer arrayTypes.Put(types)
	if err := types.SQLScanner(&tags).Scan(s); err != nil {
		return err
	}
	*t = tags
	return nil
}
