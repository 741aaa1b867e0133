package httpapi

import "github.com/runvs/runvs/domain/run"

// Flag is a word on a record about what was odd, and is mended.
type Flag struct {
	Flag    string
	Meaning string
}

// Flags is every flag that a record may carry.
var Flags = []Flag{
	{run.FlagTimesUnreliable, "Over 1 % of the fixes step back in time or repeat it: their order is in doubt; not ranked"},
	{run.FlagStepsBack, "A few fixes whose times fit nowhere were dropped"},
	{run.FlagClockChanged, "The clock was set back or on within the run; a part was moved in time; not ranked"},
	{run.FlagClockUnset, "The device did not know the time, or was ahead of it: the run is dated by when its file came; not ranked"},
	{run.FlagNullIsland, "Fixes at 0° N 0° E, as broken receivers say, were dropped"},
	{run.FlagLeaps, "The track leaps faster than anybody runs; the leap is not counted"},
	{run.FlagPausedRunning, "Over 500 m were run in pauses that the client sent; they do not count"},
	{run.FlagCopiedTrack, "Another runner's earlier record has the same track; not ranked"},
	{run.FlagSplitsMismatch, "The client's splits do not add up to its distance"},
	{run.FlagGaps, "Recovered although chunks were missing"},
	{run.FlagAltimeterBroken, "The altitudes range over 100 m more than the course's; the climb is the course's"},
	{run.FlagSkippedPoints, "Points of the file without a place were left out"},
	{run.FlagFileDamaged, "The file is cut off or broken; what was whole was read"},
}
