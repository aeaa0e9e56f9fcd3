package decode

import "slices"

// attributes are the names of the attributes that one action touches, sorted,
// each once. They are what the request names: nothing, where it names none.
func (d *Decoder) attributes(p *params, act action) span {
	t := d.rec.t
	from := len(d.texts)
	switch act {
	case actPut:
		for _, list := range [...]int{p.at(paramItems), p.at(paramItem)} {
			if t.isArray(list) {
				d.addStrings(list)
				break
			}
			if t.isObject(list) {
				d.addMemberNames(list)
				break
			}
		}
	case actUpdate:
		d.addUpdated(t.text(p.at(paramUpdateExpression)), p.at(paramAliases))
		d.addMemberNames(p.at(paramAttributeUpdates))
	case actSearch:
		d.addFiltered(t.text(p.at(paramFilter)), p.at(paramAliases))
		fallthrough
	case actGet, actCheck:
		d.addProjected(t.text(p.at(paramProjection)), p.at(paramAliases))
		d.addStrings(p.at(paramAttributesToGet))
	}
	return d.sortedNames(from)
}

// sortedNames sorts the texts added since from, and drops repetitions.
func (d *Decoder) sortedNames(from int) span {
	own := d.texts[from:]
	if len(own) == 0 {
		return span{}
	}
	slices.Sort(own)
	d.texts = d.texts[:from+len(slices.Compact(own))]
	return span{int32(from), int32(len(d.texts))}
}

func (d *Decoder) addName(name string) {
	if name != "" {
		d.texts = append(d.texts, name)
	}
}

// addStrings adds the strings in an array.
func (d *Decoder) addStrings(list int) {
	t := d.rec.t
	if !t.isArray(list) {
		return
	}
	for i, end := list+1, t.next(list); i < end; i = t.next(i) {
		if t.kind(i) == kindString {
			d.addName(t.str(i))
		}
	}
}

// addMemberNames adds the names of an object's members.
func (d *Decoder) addMemberNames(object int) {
	t := d.rec.t
	if !t.isObject(object) {
		return
	}
	for i, end := object+1, t.next(object); i < end; i = t.next(i + 1) {
		d.addName(t.str(i))
	}
}

// addPath adds the attribute a path in an expression begins with. #names stand
// for the attributes that aliases say; :names stand for values.
func (d *Decoder) addPath(word string, aliases int) {
	switch word[0] {
	case ':':
	case '#':
		d.addName(d.rec.t.text(d.rec.t.exactMember(aliases, word)))
	default:
		d.addName(word)
	}
}

// expression reads a DynamoDB expression word by word.
type expression struct {
	text string
	at   int
}

// next is the next word or other single character; empty at the end.
func (e *expression) next() string {
	for e.at < len(e.text) && isSpace(e.text[e.at]) {
		e.at++
	}
	start := e.at
	for e.at < len(e.text) && isWordByte(e.text[e.at]) {
		e.at++
	}
	if e.at == start && e.at < len(e.text) {
		e.at++
	}
	return e.text[start:e.at]
}

func isWordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '#' || c == ':' || c >= 0x80
}

// addUpdated adds what an update expression changes: the left sides of SET, and
// what REMOVE, ADD and DELETE list.
func (d *Decoder) addUpdated(text string, aliases int) {
	e := expression{text: text}
	depth, wantPath := 0, false
	for word := e.next(); word != ""; word = e.next() {
		switch {
		case word == "(":
			depth++
		case word == ")":
			depth--
		case depth > 0:
		case word == ",", equalFold(word, "SET"), equalFold(word, "REMOVE"), equalFold(word, "ADD"), equalFold(word, "DELETE"):
			wantPath = true
		case wantPath && isWordByte(word[0]):
			d.addPath(word, aliases)
			wantPath = false
		}
	}
}

// addProjected adds what a projection lists.
func (d *Decoder) addProjected(text string, aliases int) {
	e := expression{text: text}
	wantPath := true
	for word := e.next(); word != ""; word = e.next() {
		switch {
		case word == ",":
			wantPath = true
		case wantPath && isWordByte(word[0]):
			d.addPath(word, aliases)
			wantPath = false
		}
	}
}

// addFiltered adds what a condition compares: every path, but neither functions
// nor keywords.
func (d *Decoder) addFiltered(text string, aliases int) {
	e := expression{text: text}
	before := ""
	for word := e.next(); word != ""; {
		after := e.next()
		isPath := isWordByte(word[0]) && before != "." && after != "(" && !('0' <= word[0] && word[0] <= '9')
		if isPath && !isConditionKeyword(word) {
			d.addPath(word, aliases)
		}
		before, word = word, after
	}
}

func isConditionKeyword(word string) bool {
	switch {
	case equalFold(word, "AND"), equalFold(word, "OR"), equalFold(word, "NOT"),
		equalFold(word, "BETWEEN"), equalFold(word, "IN"):
		return true
	}
	return false
}
