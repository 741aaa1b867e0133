// Package run turns what a phone uploads into one trustworthy record.
//
// A Session collects Chunks in any order and decides, alone, what becomes of
// each. When it is complete, or recovered, Measure makes the Record: filter,
// distance, pauses, splits, pace, climb, profile, calories, all from the raw
// fixes. What the client says of these is a Claim, compared and never believed.
package run
