package decode

import "testing"

func TestAttributes(t *testing.T) {
	const table = `"tableName":"orders","key":{"pk":"a"}`
	for _, c := range []struct{ event, parameters, want string }{
		{"PutItem", `"items":["total","pk","","pk",7]`, "pk|total"},
		{"PutItem", `"item":["total"]`, "total"},
		{"PutItem", `"item":{"total":{"N":"1"},"état":{},"":{}}`, "total|état"},
		{"PutItem", `"items":null,"item":["a"]`, "a"},
		{"PutItem", `"conditionExpression":"attribute_not_exists(pk)"`, ""},
		{"UpdateItem", `"updateExpression":"SET #s = :s REMOVE draft","expressionAttributeNames":{"#s":"state"}`, "draft|state"},
		{"UpdateItem", `"updateExpression":"set a.b[0] = if_not_exists(x, :z) + :n, c[1]=list_append(c, d), e = e - f remove g, h[2].i add j :v, k :w delete l :u"`, "a|c|e|g|h|j|k|l"},
		{"UpdateItem", `"updateExpression":"SET #missing = :s, #a.#b = :x","expressionAttributeNames":{"#a":"x.y","#b":"z"}`, "x.y"},
		{"UpdateItem", `"attributeUpdates":{"lease":{"action":"PUT"},"owner":{}},"expected":{"no":{}}`, "lease|owner"},
		{"UpdateItem", `"updateExpression":"SET a = :s","attributeUpdates":{"b":{},"a":{}}`, "a|b"},
		{"DeleteItem", `"items":["a"],"updateExpression":"SET b = :c","conditionExpression":"d = :e"`, ""},
		{"GetItem", `"projectionExpression":"total, #s.x, lines[0].n, pk","expressionAttributeNames":{"#s":"state"},"attributesToGet":["old"],"filterExpression":"no = :x"`, "lines|old|pk|state|total"},
		{"Query", `"projectionExpression":"a","filterExpression":"size(b.c) > :n AND NOT (#d BETWEEN :x AND e OR attribute_exists(f)) and g in (:y, h) AND contains (i, :z)","keyConditionExpression":"no = :k","expressionAttributeNames":{"#d":"dd"}`, "a|b|dd|e|f|g|h|i"},
		{"Scan", `"filterExpression":"l[10].m = :v","limit":5`, "l"},
		{"Scan", `"filterExpression":5`, ""},
		{"SearchVectors", `"projectionExpression":"a"`, ""},
	} {
		k, _ := mustDecode(t, recordOf(c.event, `"requestParameters":{`+table+`,`+c.parameters+`}`))
		got := ""
		for i, name := range k.touches[0].Attributes {
			if i > 0 {
				got += "|"
			}
			got += name
		}
		if got != c.want {
			t.Errorf("%s %s\n got %s\nwant %s", c.event, c.parameters, got, c.want)
		}
	}
}
