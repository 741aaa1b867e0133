package web

import (
	"context"
	"errors"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/runvs/runvs/domain/fault"
	"github.com/runvs/runvs/ports"
)

// Operation is a call of the API: what the document says of it, and what is done
// with a request before and after its handler.
type Operation struct {
	ID, Method, Path          string
	Tag, Summary, Description string
	Access                    Access
	Body                      Body
	Cache                     Cache
	Counts                    Counts
	AnyQuery                  bool          // whoever calls adds parameters as they like
	Hidden                    bool          // a page, which the document does not tell of
	AnyPage                   bool          // pages of any origin may read the answers
	Status                    int           // when it is done; 200 or, without an answer, 204 unless said
	Repeats                   bool          // 200 for what was done before
	Errors                    []int         // statuses beside those of every operation
	Answers                   map[int]Media // what the handler's type does not tell
	Parameters                []*huma.Param // what the handler's type does not tell
	Schema                    *huma.Schema  // of the body, where the handler's type does not tell
	// Guard refuses who has not the credential of this operation, where that is no
	// access token; nil for no other.
	Guard func(c *fiber.Ctx) error
	// Check returns what is wrong in a body by rules that a schema cannot tell; nil
	// for no such rules. The handler checks them too: this is asked where the schema
	// refuses a body already, so that all mistakes are answered at once.
	Check Check
	// Credentials are fields for whose mistakes a client hears one fault, whatever is
	// wrong with them, by their location.
	Credentials map[string]*fault.Error

	parameters []*huma.Param // all of them
}

// Media are the schemas of an answer by its media type.
type Media map[string]*huma.Schema

// Binary is the schema of what is no JSON.
func Binary() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Format: "binary"} }

// JSON is the media of an answer that is JSON.
func JSON(schema *huma.Schema) Media { return Media{fiber.MIMEApplicationJSON: schema} }

// Body is what an operation reads of a request.
type Body int

// The kinds of bodies.
const (
	NoBody     Body = iota + 1
	JSONBody        // strict JSON, which huma validates
	RawJSON         // JSON that the handler reads as strictly itself
	UploadBody      // a multipart form with a file
	FormBody        // application/x-www-form-urlencoded
)

// intakes say what a body of a kind may be; without a good token it is small.
var intakes = map[Body]intake{
	NoBody:     {limit: maxSmallBytes, media: fiber.MIMEApplicationJSON}, // spelling refuses what is in it
	JSONBody:   {limit: maxBodyBytes, media: fiber.MIMEApplicationJSON},
	RawJSON:    {limit: maxBodyBytes, media: fiber.MIMEApplicationJSON, loose: true},
	UploadBody: {limit: maxUploadBytes, media: fiber.MIMEMultipartForm},
	FormBody:   {limit: maxSmallBytes, media: fiber.MIMEApplicationForm},
}

// Cache is how long an answer may be kept, and whether it has a tag by which a
// client asks whether it still holds. A handler may say another Control.
type Cache struct {
	Control string
	Tagged  bool
}

// The usual rules.
var (
	NotKept     = Cache{Control: notKept}
	Revalidated = Cache{Control: PrivateCache, Tagged: true}
)

// Counts is by which bucket of requests a call is limited.
type Counts int

// The buckets.
const (
	Uncounted Counts = iota + 1 // who watches over us must hear it also when others ask too much
	ByCaller                    // the user's or, without a good token, the address's
	BySignIn                    // the address's: anybody may call it, to get tokens
	ByTile                      // ByCaller, with a bucket of its own for addresses
)

// Access is who may call.
type Access int

// Who may call.
const (
	Anybody  Access = iota + 1 // no token is looked at
	Everyone                   // a token widens what is seen; a bad one is refused
	Users                      // a token is needed
)

// security is what the document says of an access.
var security = map[Access][]map[string][]string{
	Everyone: {{}, {"bearer": {}}},
	Users:    {{"bearer": {}}},
}

// Register adds an operation whose input and answer huma knows by their types. Its
// handler returns faults.
func Register[I, O any](s *Server, op Operation, handler func(context.Context, *I) (*O, error)) {
	mounted := s.mount(op)
	described := s.describe(mounted)
	huma.Register(s.api, described, func(ctx context.Context, in *I) (*O, error) {
		if err := requestOf(ctx).mistakes; err != nil {
			return nil, s.answer(ctx, problemOf(err, ""))
		}
		out, err := handler(ctx, in)
		if err != nil {
			return nil, s.answer(ctx, problemOf(op.failure(err), "body"))
		}
		return out, nil
	})
	s.finish(mounted)
}

// failure is what a handler's error means to its caller. An operation for users that
// finds no user has lost its caller: they left, and a process believes a token for
// some seconds.
func (op *Operation) failure(err error) error {
	if op.Access == Users && errors.Is(err, ports.ErrUserNotFound) {
		return ports.ErrTokenInvalid
	}
	return err
}

// Handle adds an operation whose handler reads and writes by itself.
func (s *Server) Handle(op Operation, handler fiber.Handler) {
	mounted := s.mount(op)
	if !op.Hidden {
		described := s.describe(mounted)
		s.api.OpenAPI().AddOperation(&described)
		s.finish(mounted)
	}
	s.fiber.Add(op.Method, routeOf(op.Path), func(c *fiber.Ctx) error {
		if err := requestOf(c.UserContext()).mistakes; err != nil {
			return problemOf(err, "")
		}
		return op.failure(handler(c))
	})
}

// mount puts what an operation says before its handler.
func (s *Server) mount(op Operation) *Operation {
	s.operations = append(s.operations, &op)
	route := routeOf(op.Path)
	shared := s.ours
	if op.AnyPage {
		shared = s.anyPage
	}
	if shared != nil {
		s.fiber.Add(op.Method, route, shared)
		if !s.preflights[route] {
			s.preflights[route] = true
			s.fiber.Options(route, shared, s.onlyPreflights(route))
		}
	}
	s.fiber.Add(op.Method, route, s.admit(&op))
	return &op
}

// onlyPreflights answers an OPTIONS that asks for nothing: browsers alone need it.
func (s *Server) onlyPreflights(route string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		var methods []string
		for _, op := range s.operations {
			if routeOf(op.Path) == route {
				methods = append(methods, op.Method)
			}
		}
		c.Set(fiber.HeaderAllow, strings.Join(methods, ", "))
		return fiber.ErrMethodNotAllowed
	}
}

// routeOf writes a path of the document as fiber does.
func routeOf(path string) string { return strings.NewReplacer("{", ":", "}", "").Replace(path) }

// admit does with a request what its operation says. What a body announces is not
// believed, and nothing of it is read, before the route and the caller are known.
func (s *Server) admit(op *Operation) fiber.Handler {
	in := intakes[op.Body]
	return func(c *fiber.Ctx) error {
		who, err := s.count(c, op.Counts)
		if err != nil {
			return err
		}
		if err := unambiguous(c); err != nil {
			return err
		}
		uid, err := op.Access.admits(who)
		if err != nil {
			return err
		}
		if op.Guard != nil {
			if err := op.Guard(c); err != nil {
				return err
			}
		}
		if err := s.takeBody(c, uid, in); err != nil {
			return err
		}
		mistakes, err := misspelt(c, op)
		if err != nil {
			return err
		}
		was := requestOf(c.UserContext())
		was.viewer, was.mistakes = uid, mistakes
		c.SetUserContext(context.WithValue(c.UserContext(), requestKey{}, was))
		if err := c.Next(); err != nil {
			return err
		}
		return keep(c, op.Cache)
	}
}

// nowhere counts requests that no operation answers, too.
func (s *Server) nowhere(c *fiber.Ctx) error {
	err := c.Next()
	if err == nil || c.Locals(countedKey{}) != nil {
		return err
	}
	if _, over := s.count(c, ByCaller); over != nil {
		return over
	}
	if unclear := unambiguous(c); unclear != nil {
		return unclear
	}
	return err
}
