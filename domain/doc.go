// Package domain is the root of RUNVS's rules. It holds no code; this page is
// the glossary and the map.
//
// Everything below imports the standard library only, reads no clock, does no
// I/O and draws no random number: the same input gives the same output on a
// server, in a test and in a client.
//
// Glossary (Korean term = name in code, JSON and tables):
//
//	런 세션 session            청크 chunk                 런 기록 run record
//	코스 course                이탈 deviation             일치율 route match percent
//	완주 course completed      직선/곡선 구간 straight/curve section
//	랭킹 ranking               스플릿 split               누적 cumulative
//	고도 프로필 elevation profile                         복구 recovery
//	탈취 감지 theft detection  썸네일 thumbnail           주변 nearby
//	뷰포트 bounds
//
// Map (each package sees only those above it in this list):
//
//	fault     the one error type: kind, stable code, message
//	id        typed UUIDs: id.User, id.Session …
//	geo       points, lines, metres on WGS84, bounds, encodings of a line
//	user      the person: nickname, weight, totals
//	run       session, chunk sequencing, recovery, filter, splits, the record
//	judge     did the runner run the course? curve sections, deviations, verdict
//	course    a course: title, tags, what makes a line a good course
//	ranking   who is where on a course's board
//	stats     what a course's and a runner's runs add up to
package domain
