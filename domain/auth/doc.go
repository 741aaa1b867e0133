// Package auth has the rules of refresh tokens: how they rotate, how a lost
// answer can be asked for again, and how theft is found.
//
// A token is used once and makes its successor. Whoever uses it a second time
// either lost the answer, and shows so by the Idempotency-Key of the first time
// (탈취 감지 is told from a retry by it), or is a thief, or was robbed; nobody can
// know which, so everything of that user is revoked.
package auth
