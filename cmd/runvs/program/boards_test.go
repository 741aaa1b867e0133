package program_test

import "testing"

func TestABoardOfAPeriodIsAskedForByADay(t *testing.T) {
	s := bootInMemory(t)
	made := s.form(s.login("mina"), "/courses/import", nil)
	board := "/courses/" + made.json["id"].(string) + "/rankings"
	for query, location := range map[string]string{
		"": "", "?period=week": "", "?period=month&date=2026-02-28": "", "?period=all&date=2026-02-28": "",
		"?period=decade": "query.period", "?period=year&date=2026-02-30": "query.date", "?date=x": "query.date",
	} {
		a := s.do(call{path: board + query})
		if location == "" {
			same(t, query, a.status, 200)
			same(t, query, a.json["total_count"], 0.0)
			continue
		}
		same(t, query, a.status, 422)
		same(t, query, a.json["errors"].([]any)[0].(map[string]any)["location"], location)
	}
}
