// Package auth has the rules of refresh tokens: how they rotate, how a lost
// answer can be asked for again, and how theft is found.
//
// A token is used once and makes its successor. A client that uses it a second
// time lost the answer, or is a thief, or was robbed. The Idempotency-Key of the
// first use tells a retry from theft (탈취 감지). Of the rest nobody can know
// which it is, so everything of that user is revoked.
//
// # The states of a refresh token
//
// Each row is a state, what happens, and what becomes of it. The first row that
// fits counts.
//
//	state         event                                        outcome     next state       answer
//	none          not well formed, unknown, or a wrong secret  -           -                refresh_token_invalid
//	none          sign-in                                      First       Active           the token
//	Revoked       presented                                    RefuseGone  Revoked          refresh_token_revoked
//	Active        presented, and Expired                       RefuseOld   Active           refresh_token_expired
//	Active        presented                                    Rotate      Used             the successor, Active
//	Used          presented, the successor is not Active       Theft       all are Revoked  refresh_token_reused
//	Used          presented after SealedFor                    Theft       all are Revoked  refresh_token_reused
//	Used          presented with the key of its first use      Retry       Used             the same successor
//	Used          presented without a key, as at first, soon   Retry       Used             the same successor
//	Used          presented otherwise                          Theft       all are Revoked  refresh_token_reused
//	Active, Used  sign-out, or the end of the account          -           Revoked          -
//
// Soon is within a window that the operator sets, 0 unless it is set, and at most
// MaxReuseWindow. A token is Expired after Lifetime, or when its family is older
// than FamilyLifetime. A family never has more than one Active token.
package auth
