// Package judge answers one question: did the runner run the course?
//
// Prepare builds a Course once, with its distances and curve sections. The Course
// may then judge many runs, from many goroutines. The judge is pure: no clock, no
// I/O, no randomness. The same input gives the same bytes.
//
// The rules, in the order in which they are applied. Each number is the field of
// Rules that is named; CurrentRules has today's values, and Rules.Version is
// stored with every verdict.
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
//  4. Alignment. Each fix within Alignment.ReachMeters of the course gets its
//     progress: the place at which the runner was, by the cheapest way through all
//     fixes. The fields of Alignment are the prices.
//  5. Deviation. A fix is warned beyond WarnMeters and deviated beyond
//     DeviateMeters, of Straight or of Curve. Exactly at a threshold is inside.
//  6. Gates. An attempt begins where the start was left for the last time, and ends
//     where the finish was reached for the first time after it. A fix is at a gate
//     within the deviated threshold, and within Gates.ZoneThresholds of it along the
//     course. A runner who goes Gates.AwayMeters beyond that has left. The time is
//     interpolated where the runner crosses the gate's line, across the direction of
//     the course over Gates.DirectionMeters, with fixes up to Gates.NearThresholds
//     away. Without an attempt: start_not_passed, finish_not_passed.
//  7. Coverage. The course must be covered in order and forwards. A step may be
//     longer along the course than what was run by Coverage.PlainStepMeters. A
//     silence of Coverage.GapSeconds is a gap. It is covered up to
//     Coverage.MaxGapMeters, at Coverage.MaxGapMS at most, and gaps cover at most
//     Coverage.MaxUnseenShare of the course. Stretches of Coverage.SeamMeters are
//     not looked at. Less than MinCoverage in all: coverage_too_low.
//  8. Shortcut. A stretch longer than Coverage.ShortcutMeters was cut when it is not
//     covered, and the runner travelled less than Coverage.ShortcutShare of its
//     length: shortcut.
//  9. Off course. More than MaxDeviatedShare of the judged fixes are deviated:
//     off_course. The judged fixes are those between the gates; without an attempt,
//     all.
//  10. Direction. Steps up to Direction.MaxStrideMeters count. The run went forwards
//     or backwards when it went Direction.MinRatio times as far that way. Backwards
//     and without an attempt: wrong_direction.
//  11. Plausibility. Nobody moves faster than Movement.MaxSpeedMS for over
//     Movement.MaxFastSeconds, or Movement.AtOnceMeters in no time. Nobody runs a
//     distance of Movement.WorldBest, and Movement.NoiseMargin more, in less than its
//     time. Such a run, and one whose clock went back, is
//     implausible_movement. A copy of another runner's track is copied_track.
//  12. The best attempt counts: one without a reason before one with, then the
//     fastest, then the one that covers the most. Its time is gate to gate, cut to
//     whole seconds.
package judge
