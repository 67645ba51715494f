//! Digests whose server counts how often a nonce is used.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use apisession::http::Method;
use apisession::prelude::*;
use apisession::transport::Memory;
use apisession_tests::{respond, tokio};
use tokio::time::sleep;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

/// A parameter of a digest.
fn digest_parameter<'s>(authorization: &'s str, name: &str) -> &'s str {
    let rest = authorization.split(&format!(" {name}=")).nth(1).unwrap_or_default();
    rest.split(',').next().unwrap_or_default().trim_matches('"')
}

/// How a server judges the count of a nonce (`nc`).
#[derive(Clone, Copy, Debug, PartialEq)]
enum Counting {
    /// It must be greater than each before, and the nonce is never replaced.
    GrowsForever,
    /// It must be greater than each before; each challenge has a new nonce.
    Grows,
    /// It must be the next one; each challenge has a new nonce.
    IsNext,
    /// It must be greater than each before, and only the nonce of the last challenge is valid.
    GrowsOnOneNonce,
    /// It must be new, in any order.
    IsNew,
}

/// A server with digests, whose requests arrive in another order than they were sent. It sends no `stale`.
fn counting(counting: Counting, password_is_right: bool) -> (Memory, Arc<Mutex<(u32, u32)>>) {
    // The requests in all and at the same time.
    let seen = Arc::<Mutex<(u32, u32)>>::default();
    let (kept, nonces) = (Arc::clone(&seen), Arc::<Mutex<Vec<Vec<u32>>>>::default());
    let open = Arc::new(Mutex::new(0));
    let memory = Memory::new(move |request| {
        let (nonces, open) = (Arc::clone(&nonces), Arc::clone(&open));
        let number = {
            let (mut seen, mut open) = (kept.lock().unwrap(), open.lock().unwrap());
            *open += 1;
            *seen = (seen.0 + 1, seen.1.max(*open));
            seen.0
        };
        async move {
            // Later ones are faster.
            sleep(Duration::from_millis(u64::from(100 - number % 10 * 10))).await;
            *open.lock().unwrap() -= 1;
            let authorization =
                request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
            let authorization = authorization.unwrap_or_default();
            let nonce: Option<usize> = digest_parameter(&authorization, "nonce").parse().ok();
            let count = u32::from_str_radix(digest_parameter(&authorization, "nc"), 16).unwrap_or(0);
            let mut nonces = nonces.lock().unwrap();
            let last = nonces.len().saturating_sub(1);
            let counts = nonce.and_then(|nonce| nonces.get_mut(nonce));
            let is_valid = counts.is_some_and(|counts| {
                let greatest = counts.iter().max().copied().unwrap_or(0);
                let is_valid = match counting {
                    Counting::GrowsForever | Counting::Grows => count > greatest,
                    Counting::IsNext => count == greatest + 1,
                    Counting::GrowsOnOneNonce => count > greatest && nonce == Some(last),
                    Counting::IsNew => !counts.contains(&count),
                };
                if is_valid {
                    counts.push(count);
                }
                is_valid
            });
            if is_valid && password_is_right {
                return Ok(respond(200, ""));
            }
            if nonces.is_empty() || counting != Counting::GrowsForever {
                nonces.push(Vec::new());
            }
            let nonce = nonces.len() - 1;
            let challenge = format!("Digest realm=\"acme\", qop=\"auth\", algorithm=MD5, nonce=\"{nonce}\"");
            Ok(respond(401, "").with_header("www-authenticate", &challenge))
        }
    });
    (memory, seen)
}

#[tokio::test(start_paused = true)]
async fn fault_e7_a_digest_whose_server_counts_gets_its_calls_through() {
    const ALL: [Counting; 5] = [
        Counting::GrowsForever,
        Counting::Grows,
        Counting::IsNext,
        Counting::GrowsOnOneNonce,
        Counting::IsNew,
    ];
    for rule in ALL {
        for at_once in [1, 2, 8, 20] {
            let (server, seen) = counting(rule, true);
            let credential = Credential::digest("ana", "s3cret");
            let api =
                Acme::builder().transport(server).credential(credential).max_attempts(1).build().unwrap();
            for round in 0..4 {
                let calls = (0..at_once).map(|number| {
                    // A write too: what was refused was not processed.
                    let method = if number % 2 == 0 { Method::POST } else { Method::GET };
                    tokio::spawn(api.raw().request(method, "/x").send())
                });
                for call in calls.collect::<Vec<_>>() {
                    let end = call.await.unwrap();
                    assert!(
                        end.is_ok(),
                        "{rule:?}, {at_once} at once, round {round}: {}",
                        end.unwrap_err().report()
                    );
                }
            }
            let (requests, most) = *seen.lock().unwrap();
            // A call is sent three times at most, and most calls once.
            assert!(
                requests <= at_once * 4 + at_once * 3,
                "{rule:?}, {at_once} at once: {requests} requests"
            );
            // A server that takes them in any order gets them all at once.
            assert!(rule != Counting::IsNew || most == at_once, "{most} of {at_once} at once");
        }
        // A wrong password is not tried again and again.
        for at_once in [1, 8] {
            let (server, seen) = counting(rule, false);
            let credential = Credential::digest("ana", "wrong");
            let api =
                Acme::builder().transport(server).credential(credential).max_attempts(1).build().unwrap();
            for round in 1..=2 {
                let calls: Vec<_> = (0..at_once).map(|_| tokio::spawn(api.raw().get("/x").send())).collect();
                for call in calls {
                    assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::Unauthorized, "{rule:?}");
                }
                let most = if at_once == 1 { 2 } else { 3 };
                assert!(
                    seen.lock().unwrap().0 <= round * at_once * most,
                    "{rule:?}, {at_once} at once: {seen:?}"
                );
            }
        }
    }
}
