// Package course has routes that others follow: what makes a line a good
// course, and how it is named.
package course

import (
	"time"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/domain/geo"
	"github.com/runvs/runvs/domain/id"
	"github.com/runvs/runvs/domain/run"
	"github.com/runvs/runvs/domain/text"
)

// Limits of a course's texts, in characters, and of its tags.
const (
	MaxTitleRunes       = 30
	MaxDescriptionRunes = 2_000
	MaxTags             = 10
	MaxTagRunes         = 20
)

// ErrNotFound answers for a course that is not there, or is another's private one.
var ErrNotFound = fault.New(fault.NotFound, "course_not_found", "there is no such course")

// Course is a route with its name. Fields are set by New, Rename and storage.
type Course struct {
	ID                       id.Course
	CreatorID                id.User   // zero when the creator's account is gone
	RunRecordID              id.Record // zero for an imported course
	Title                    string
	Description              string
	Route                    geo.Line
	DistanceMeters           int
	EstimatedDurationSeconds *int // the creator's moving time, or nil
	ElevationGainMeters      int
	ElevationProfile         []run.ProfileSample
	ThumbnailDrawn           bool // the blob store has a picture of this line
	IsPublic                 bool
	Retired                  bool // its maker gave it up, and others had completed it
	Tags                     []string
	CreatedAt                time.Time
	UpdatedAt                time.Time
}

// Input is what a creator says of a new course, and what the line brings.
type Input struct {
	ID                       id.Course
	CreatorID                id.User
	RunRecordID              id.Record
	Title                    string
	Description              string
	Route                    geo.Line
	EstimatedDurationSeconds *int
	ElevationGainMeters      int
	ElevationProfile         []run.ProfileSample
	IsPublic                 bool
	Tags                     []string
}

// New makes a course at now. Faults: those of CheckLine, and Invalid for a title,
// description or tag that breaks a rule.
func New(in Input, now time.Time) (Course, error) {
	c := Course{
		ID: in.ID, CreatorID: in.CreatorID, RunRecordID: in.RunRecordID, Route: in.Route,
		EstimatedDurationSeconds: in.EstimatedDurationSeconds,
		ElevationGainMeters:      in.ElevationGainMeters, ElevationProfile: in.ElevationProfile,
		CreatedAt: now,
	}
	length, err := CheckLine(in.Route)
	if err != nil {
		return Course{}, err
	}
	c.DistanceMeters = int(length + 0.5)
	err = c.Apply(Change{Title: &in.Title, Description: &in.Description, IsPublic: &in.IsPublic, Tags: &in.Tags}, now)
	return c, err
}

// Change is what a creator may alter; nil fields stay.
type Change struct {
	Title       *string
	Description *string
	IsPublic    *bool
	Tags        *[]string
}

// Check returns all that is wrong with a change.
func (ch Change) Check() error {
	var nobodys Course
	return nobodys.Apply(ch, time.Time{})
}

// Apply alters the course at now. On a fault, which names all fields that are
// wrong, the course is as it was.
func (c *Course) Apply(ch Change, now time.Time) error {
	next := *c
	var title, description, tags error
	if ch.Title != nil {
		next.Title, title = CheckTitle(*ch.Title)
	}
	if ch.Description != nil {
		next.Description, description = text.Lines("description", *ch.Description, MaxDescriptionRunes)
	}
	if ch.Tags != nil {
		next.Tags, tags = checkTags(*ch.Tags)
	}
	if err := fault.Join(title, description, tags); err != nil {
		return err
	}
	if ch.IsPublic != nil {
		next.IsPublic = *ch.IsPublic
	}
	next.UpdatedAt = now
	*c = next
	return nil
}

// CheckTitle trims a title and refuses one that is empty, longer than 30
// characters, or has control or direction-changing characters.
func CheckTitle(s string) (string, error) {
	s, err := text.Line("title", s, MaxTitleRunes)
	if err == nil && !text.Seen(s) {
		return "", fault.InvalidField("title", "must not be blank")
	}
	return s, err
}

func checkTags(in []string) ([]string, error) {
	if len(in) > MaxTags {
		return nil, fault.InvalidField("tags", "%d tags; a course has at most %d", len(in), MaxTags)
	}
	out := []string{}
	seen := map[string]bool{}
	for _, tag := range in {
		t, err := text.Line("tags", tag, MaxTagRunes)
		if err != nil {
			return nil, err
		}
		if !text.Seen(t) {
			return nil, fault.InvalidField("tags", "a tag must not be blank")
		}
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out, nil
}
