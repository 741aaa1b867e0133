// Package judge answers one question: did the runner run the course?
//
// Prepare builds a Course once, with its distances and curve sections. The Course
// may then judge many runs, from many goroutines. The judge is pure: no clock, no
// I/O, no randomness. The same input gives the same bytes.
//
// # From the founding rule to this one
//
// The founding rule was: four fifths of the fixes lie within 50 m of the course. But
// who stands at the start, runs back, or shuttles over one kilometre keeps that, too.
// So the places must be run in order. And where the course comes near itself, the
// nearest place is the wrong one:
//
//	start ───────────▶──────────┐      A fix between the arms is near both. Which one
//	finish ──────────◀──────────┘      it is, the order says.
//
// The question is existence, not likelihood. A runner ran the course when some
// reading of their track, in order, makes it so. A reading gives fixes a place on the
// course, their progress, which never goes back. The best reading is the one that
// explains the most of the course:
//
//	progress                      each · is a place near a fix; a run over a
//	L ┤            ·   ╱·         course of two laps has two for every fix
//	  │          ·   ╱·
//	  │        ·   ╱·             the way through them that leaves out the least
//	  │      ·   ╱·     ·         of the course is the reading: here the whole
//	  │    ·   ╱·     ·
//	0 ┤  ╱·  ╱·     ·
//	  └──────────────────▶ fixes
//
// It is what the longest common subsequence of places of the course and places of the
// run would be, found among the near pairs only, as J. Hunt and T. Szymanski do (A
// Fast Algorithm for Computing Longest Common Subsequences, 1977). The tests hold it
// against the whole table. Two constraints keep it honest: every place that is covered
// has the run within its threshold, and no progress is gained without running. So the
// laps of a track are counted by going round, not by their length; a lap that nobody
// ran would have to be left out.
//
// # The rules
//
// They are applied in this order. Each number is the field of Rules that is named;
// CurrentRules has today's values, and Rules.Version is stored with every verdict.
//
//  1. Curves. The line is evened out (Curves.SpacingMeters), averaged
//     (Curves.SmoothingMeters), and its curvature is measured on three points
//     (Curves.ArcMeters). Where the radius is under Curves.RadiusMeters, the course
//     has a curve section, unless it is shorter than Curves.MinMeters. Sections
//     nearer to each other than Curves.MergeGapMeters are one.
//  2. Too few fixes. A run of fewer than MinJudgedPoints fixes is not judged:
//     too_few_points.
//  3. Spikes. A single fix that is reached and left faster than
//     Movement.MaxSpeedMS is a spike. It says nothing of the movement.
//  4. Reading. A place that a fix may be at lies within its deviated threshold, and is
//     nearer than those around it. From fix to fix a way goes on along the course, or
//     leaves out a part of it. Over any window its progress is at most the distance run
//     and a tenth, with some slack. Of the ways to a place the one is kept that leaves
//     out the least. The fields of Reading are the numbers.
//  5. Gaps. A silence is covered as far as the runner may have run in it at their own
//     speed, over Movement.PaceSeconds, in those in which they were faster than
//     Movement.StandingMS; as fast as for Movement.FastShare of the run, or a bit above
//     their median. Recordings with a fix every minute are runs like others.
//  6. Deviation. A fix is warned beyond WarnMeters and deviated beyond
//     DeviateMeters, of Straight or of Curve. Exactly at a threshold is inside.
//  7. Gates. An effort begins with a fix within the deviated threshold of the start,
//     at its first Gates.ZoneThresholds thresholds, and ends so at the finish. Efforts
//     that begin within Gates.AwayMeters of running are one. The last leaving of the
//     start and the first reaching of the finish count:
//     .                gate
//     course  ──────────┃┄┄┄┄┄ direction, over Gates.DirectionMeters
//     fixes    ·  ·  ·  ┃ ·  · the time is fitted to those within Gates.WindowMeters
//     A runner stands who is slower there than Gates.StandingShare times their pace,
//     by Gates.StandingSeconds: standing is left out. Who begins or stops within the
//     course is given the missing metres at their own pace of the nearest
//     Gates.PaceMeters. Fixes farther than Gates.NearMeters are not looked at. The
//     uncertainty is that of the sampling, of Gates.NoiseMeters, and of
//     Gates.AddedShare of what was added. Without an effort: start_not_passed,
//     finish_not_passed.
//  8. Coverage. What the reading leaves out is not covered, from Coverage.SeamMeters
//     on. Gaps that are no way of recording cover at most Coverage.MaxUnseenShare of
//     the course. Less than MinCoverage in all: coverage_too_low.
//  9. Shortcut. A stretch longer than Coverage.ShortcutMeters was cut when it is left
//     out, and the runner travelled less than Coverage.ShortcutShare of its length. So
//     was the course when progress is ahead of the run by more than the slack: shortcut.
//     The other side of a block, as long, is off the course:
//     .      ┌────▶────┐
//     .    ──┴·········┴──  what is left out was travelled elsewhere
//  10. Off course. More than MaxDeviatedShare of the judged fixes are deviated:
//     off_course. The judged fixes are those between the gates; without an effort,
//     all.
//  11. Direction. Steps up to Direction.MaxStrideMeters count. The run went forwards
//     or backwards when it went Direction.MinRatio times as far that way. Backwards
//     and without an effort: wrong_direction.
//  12. Plausibility. Nobody moves faster than Movement.MaxSpeedMS for over
//     Movement.MaxFastSeconds, or Movement.AtOnceMeters in no time. Nobody runs a
//     distance of Movement.WorldBest, and Movement.NoiseMargin more, in less than its
//     time. Progress counts as far as Movement.RunShare of it was run. Such a run, and
//     one whose clock went back, is implausible_movement. A copy of another runner's
//     track is copied_track.
//  13. The fastest whole effort counts; laps says how many there are, one after
//     another. Its time is gate to gate, cut to whole seconds.
//
// # Where to read on
//
// reading.go is the search, kept.go what is kept of it, search.go finds the places
// near a fix, gates.go times, cover.go says what a reading covers, efforts.go chooses,
// verdicts.go explains. bounds.go bounds the work, price.go the memory.
package judge
