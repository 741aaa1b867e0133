// Package kakao asks Kakao whom an access token stands for.
//
// A token says nothing by itself. Kakao is asked first for which app it was
// made, so that a token which a person gave to another app opens nothing here,
// and then who that person is. Nothing else of Kakao is used: the address of a
// profile picture is not even read.
package kakao

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/runvs/runvs/adapters/remote"
	"github.com/runvs/runvs/domain/user"
	"github.com/runvs/runvs/ports"
)

// DefaultBaseURL is where Kakao answers.
const DefaultBaseURL = "https://kapi.kakao.com"

// maxTokenBytes bounds what is sent to Kakao; its tokens have less than 100.
const maxTokenBytes = 4096

// The two questions. Source: Kakao Login, REST API, "Retrieve token
// information" and "Retrieve user information".
const (
	infoPath = "/v1/user/access_token_info"
	userPath = "/v2/user/me"
)

var errInvalid = ports.ErrSocialTokenInvalid.Saying("Kakao does not vouch for this token; sign in again")

// Config says for which app tokens must have been made.
type Config struct {
	remote.Service
	AppID string // the app's number at Kakao, in digits
}

// Verifier implements ports.Verifier. It may be used by many goroutines.
type Verifier struct {
	appID  int64
	remote *remote.Client
}

// New makes a verifier. An app id and a clock are needed.
func New(cfg Config) (*Verifier, error) {
	appID, err := strconv.ParseInt(cfg.AppID, 10, 64)
	if err != nil || appID <= 0 {
		return nil, errors.New("kakao: the app id must be the app's number, such as 123456")
	}
	client, err := remote.New("kakao", DefaultBaseURL, cfg.Service)
	if err != nil {
		return nil, err
	}
	return &Verifier{appID: appID, remote: client}, nil
}

// Verify implements ports.Verifier. Kakao's access tokens know no nonce; one
// that is given is passed over.
func (v *Verifier) Verify(ctx context.Context, token, _ string) (ports.Identity, error) {
	if !wellFormed(token) {
		return ports.Identity{}, errInvalid
	}
	header := http.Header{"Authorization": {"Bearer " + token}}
	var who ports.Identity
	err := v.remote.Call(ctx, func(ctx context.Context) error {
		owner, err := v.ownerOf(ctx, header)
		if err != nil {
			return err
		}
		who, err = v.person(ctx, header, owner)
		return err
	})
	if err != nil {
		return ports.Identity{}, err
	}
	return who, nil
}

// wellFormed reports whether a token can stand in a header at all: visible
// ASCII (RFC 6750 §2.1), so that it can end neither its line nor the header.
func wellFormed(token string) bool {
	if token == "" || len(token) > maxTokenBytes {
		return false
	}
	for i := range len(token) {
		if token[i] <= ' ' || token[i] > '~' {
			return false
		}
	}
	return true
}

// ownerOf returns the id of the person who gave the token to our app.
func (v *Verifier) ownerOf(ctx context.Context, header http.Header) (int64, error) {
	info, err := v.ask(ctx, infoPath, header)
	if err != nil {
		return 0, err
	}
	if appID, ok := info.Int("app_id"); !ok || appID != v.appID {
		return 0, errInvalid.Because(errors.New("kakao: the token was made for another app"))
	}
	owner, ok := info.Int("id")
	if !ok || owner <= 0 {
		return 0, errInvalid.Because(errors.New("kakao: the token belongs to nobody"))
	}
	return owner, nil
}

// person returns whom Kakao describes, who must be the token's owner.
func (v *Verifier) person(ctx context.Context, header http.Header, owner int64) (ports.Identity, error) {
	me, err := v.ask(ctx, userPath, header)
	if err != nil {
		return ports.Identity{}, err
	}
	if id, ok := me.Int("id"); !ok || id != owner {
		return ports.Identity{}, errInvalid.Because(errors.New("kakao: the token's owner and the person described differ"))
	}
	// Each of these is there only if the person agreed to it.
	account := me.Object("kakao_account")
	return ports.Identity{
		SocialAccount: user.SocialAccount{
			Provider: "kakao", ProviderID: strconv.FormatInt(owner, 10), Email: remote.Email(account.String("email")),
		},
		Nickname: account.Object("profile").String("nickname"),
	}, nil
}

// ask makes one request and returns the object that Kakao answers with.
func (v *Verifier) ask(ctx context.Context, path string, header http.Header) (remote.Members, error) {
	answer, err := v.remote.Get(ctx, path, header)
	if err != nil {
		return nil, err
	}
	body, isObject := remote.ReadObject(answer.Body)
	switch {
	case answer.Status == http.StatusOK && isObject:
		return body, nil
	case answer.Status == http.StatusUnauthorized:
		return nil, errInvalid.Because(fmt.Errorf("kakao: %s was answered with status 401", path))
	case answer.Status == http.StatusOK:
		return nil, v.remote.Unavailable(fmt.Errorf("the answer of %s is no JSON object", path))
	}
	code, _ := body.Int("code")
	err = fmt.Errorf("%s was answered with status %d, code %d", path, answer.Status, code)
	if aboutTheToken(code) {
		return nil, errInvalid.Because(fmt.Errorf("kakao: %w", err))
	}
	return nil, v.remote.Unavailable(err)
}

// aboutTheToken reports whether an error code of Kakao speaks of the token or
// its owner. Every other is about our app or Kakao itself: -1, -7 and -603 are
// its failures, -10 is our quota. The difference matters beyond the status: a
// token that somebody chose must not count as an outage. Source: Kakao
// Developers, REST API, "Error code".
func aboutTheToken(code int64) bool {
	switch code {
	case -2, // a token of another shape
		-4,   // the person is barred
		-101, // not connected with the app, or no longer
		-103, // a dormant account, or none
		-401, // a bad token
		-402, // the person did not agree
		-406, // under 14
		-903: // the app of the token does not exist
		return true
	}
	return false
}
