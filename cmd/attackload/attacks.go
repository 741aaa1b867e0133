package main

// attacks is every attack of the bounds, in the order in which they are fired.
var attacks = []attack{
	{"course_far_vertices", courseFarVertices},
	{"course_scribble", courseScribble},
	{"corridor_square_wave", corridorSquareWave},
	{"run_far_fixes", runFarFixes},
	{"fixes_1ms", fixesEveryMillisecond},
	{"fixes_300k", fixesMost},
	{"judge_zigzag", judgeZigzag},
	{"judge_laps", judgeLaps},
	{"fit_bomb", fitBomb},
	{"xml_deep", xmlDeep},
	{"xml_attributes", xmlAttributes},
	{"xml_text", xmlText},
	{"gzip_bomb", gzipBomb},
	{"png_bomb", pngBomb},
	{"sockets_claim", socketsClaim},
	{"slow_body", slowBody},
	{"refused_uploads", refusedUploads},
	{"claims_disk", claimsDisk},
	{"sessions_300", sessionsMany},
	{"numbers_1e25", numbersHuge},
	{"query_bytes", queryBytes},
	{"anonymous_flood", anonymousFlood},
}
