package queries

// Grid lays clean text out in columns of a width in cells, 0 for any. Columns without any
// text are left out; where they do not fit, text is wrapped.
func Grid(titles []string, rows [][]string, width int) string {
	laid, _ := GridBy(titles, make([]int, len(titles)), rows, width)
	return laid
}

// GridBy is [Grid], but where columns do not fit those with the highest order are left out
// first, before text is wrapped; those of order 0 stay. left are the titles of these.
func GridBy(titles []string, orders []int, rows [][]string, width int) (laid string, left []string) {
	columns := make([]gridColumn, len(titles))
	for i, title := range titles {
		columns[i].title, columns[i].order = title, orders[i]
		for _, row := range rows {
			columns[i].cells = append(columns[i].cells, row[i])
		}
	}
	return grid(columns, width)
}
