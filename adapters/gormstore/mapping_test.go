package gormstore

import (
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	gormschema "gorm.io/gorm/schema"

	"github.com/runvs/runvs/adapters/gormstore/column"
	"github.com/runvs/runvs/adapters/gormstore/migrate"
	"github.com/runvs/runvs/domain/id"
)

// sqlTypes says which columns may hold a field, on PostgreSQL and on SQLite.
var sqlTypes = map[reflect.Type][2]string{
	reflect.TypeFor[string]():                    {"character varying|text|uuid", "varchar|text"},
	reflect.TypeFor[int]():                       {"integer|smallint", "integer|smallint"},
	reflect.TypeFor[int64]():                     {"bigint", "bigint"},
	reflect.TypeFor[float32]():                   {"real", "real"},
	reflect.TypeFor[float64]():                   {"double precision", "real"},
	reflect.TypeFor[bool]():                      {"boolean", "boolean"},
	reflect.TypeFor[time.Time]():                 {"timestamp with time zone", "timestamp"},
	reflect.TypeFor[column.JSON]():               {"jsonb", "text"},
	reflect.TypeFor[column.Digest]():             {"bytea", "blob"},
	reflect.TypeFor[column.Line]():               {"geography(LineString,4326)", "blob"},
	reflect.TypeFor[column.Point]():              {"geography(Point,4326)", "blob"},
	reflect.TypeFor[column.Tags]():               {"text[]", "text"},
	reflect.TypeFor[column.ID[id.UserKind]]():    {"uuid", "text"},
	reflect.TypeFor[column.ID[id.SessionKind]](): {"uuid", "text"},
	reflect.TypeFor[column.ID[id.ChunkKind]]():   {"uuid", "text"},
	reflect.TypeFor[column.ID[id.RecordKind]]():  {"uuid", "text"},
	reflect.TypeFor[column.ID[id.CourseKind]]():  {"uuid", "text"},
	reflect.TypeFor[column.ID[id.RankingKind]](): {"uuid", "text"},
	reflect.TypeFor[column.ID[id.FamilyKind]]():  {"uuid", "text"},
	reflect.TypeFor[column.ID[id.RefreshKind]](): {"uuid", "text"},
	reflect.TypeFor[column.ID[id.AvatarKind]]():  {"uuid", "text"},
	reflect.TypeFor[[]byte]():                    {"bytea", "blob"},
}

// models are the rows of all tables that GORM maps.
var models = []any{
	userRow{}, socialRow{}, refreshRow{}, usedTokenRow{}, sessionRow{}, chunkRow{}, recordRow{}, courseRow{}, rankingRow{}, periodRankingRow{},
	boardCountRow{}, statsRow{}, courseCellRow{}, outlineRow{}, userPeriodRow{}, userBestRow{}, shapeRow{}, courseRequestRow{},
}

// TestWhatGORMMapsIsWhatTheMigrationsMake compares both ways, column by column.
func TestWhatGORMMapsIsWhatTheMigrationsMake(t *testing.T) {
	mapped := map[string]*gormschema.Field{}
	for _, model := range models {
		s, err := gormschema.Parse(model, &sync.Map{}, gormschema.NamingStrategy{})
		must(t, err)
		if len(s.Relationships.Relations) > 0 {
			t.Errorf("%s has relations, which are loaded in ways nobody wrote down", s.Table)
		}
		for _, f := range s.Fields {
			if f.DBName == "" {
				t.Errorf("%s.%s is mapped to nothing", s.Table, f.Name)
			}
			mapped[s.Table+"."+f.DBName] = f
		}
	}
	check := func(t *testing.T, dialect int, m *migrate.Migrator, err error) {
		must(t, err)
		t.Cleanup(func() { must(t, m.Close()) })
		_, err = m.Up(t.Context())
		must(t, err)
		have, err := m.Facts(t.Context())
		must(t, err)
		made := map[string]bool{}
		for what, definition := range have {
			column, ok := strings.CutPrefix(what, "column ")
			table, _, _ := strings.Cut(column, ".")
			switch {
			case !ok,
				table == "course_starts", table == "course_routes", table == "course_words", table == "course_map", table == "mapped_courses", column == "courses.spatial_key":
				continue
			}
			made[column] = true
			f := mapped[column]
			if f == nil {
				t.Errorf("%s is made and not mapped", column)
				continue
			}
			checkColumn(t, column, f, definition, dialect)
		}
		for column := range mapped {
			if !made[column] {
				t.Errorf("%s is mapped and not made", column)
			}
		}
	}
	t.Run("PostGIS", func(t *testing.T) {
		m, err := migrate.NewPostgres(migrated.Copy(t))
		check(t, 0, m, err)
	})
	t.Run("SQLite", func(t *testing.T) {
		m, err := migrate.NewSQLite(filepath.Join(t.TempDir(), "runvs.db"))
		check(t, 1, m, err)
	})
}

func checkColumn(t *testing.T, name string, f *gormschema.Field, definition string, dialect int) {
	t.Helper()
	goType := f.FieldType
	optional := goType.Kind() == reflect.Pointer
	if optional {
		goType = goType.Elem()
	}
	allowed, known := sqlTypes[goType]
	if !known {
		t.Errorf("%s: nobody said which columns may hold a %s", name, goType)
		return
	}
	fits := false
	definition = strings.ToLower(definition) // SQLite writes some names so, some so
	for _, sqlType := range strings.Split(strings.ToLower(allowed[dialect]), "|") {
		fits = fits || definition == sqlType || strings.HasPrefix(definition, sqlType+" ") || strings.HasPrefix(definition, sqlType+"(")
	}
	if !fits {
		t.Errorf("%s: a %s does not fit %q", name, goType, definition)
	}
	// Ids, documents and bytes are NULL for "none" by themselves.
	self := strings.HasPrefix(goType.Name(), "ID[") || goType == reflect.TypeFor[column.JSON]() || goType == reflect.TypeFor[[]byte]()
	if nullable := !strings.Contains(definition, "not null"); nullable != optional && !self {
		t.Errorf("%s: a %s, and the column is %q", name, f.FieldType, definition)
	}
}
