//! Saves a profile, or a jar if the file ends with `.cookies`, again and again, for tests that kill it: `saver PATH LETTER [COUNT]`.
//!
//! Each save writes long values of `LETTER` and `z` by turns, and the tests read the file in between.

use std::env;
use std::io::Write as _;

use apisession::{CookieJar, Profile, Url};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, letter, rest @ ..] = &arguments[..] else { panic!("saver PATH LETTER [COUNT]") };
    let count: usize = rest.first().map_or(usize::MAX, |count| count.parse().expect("a count is a number"));
    let save = if path.ends_with(".cookies") { save_cookies } else { save_profile };
    for number in 0..count {
        save(path, if number % 2 == 0 { letter } else { "z" });
        if number == 0 {
            println!("ready");
            std::io::stdout().flush().expect("somebody reads this");
        }
    }
}

fn save_profile(path: &str, letter: &str) {
    let value = letter.repeat(20_000);
    let profile = Profile::new("acme").file(path);
    profile.save_config([("token", value)]).overwrite().save().expect("the file can be saved");
}

fn save_cookies(path: &str, letter: &str) {
    let jar = CookieJar::open(path).expect("the file can be read");
    let url = Url::parse("https://a.com/").expect("this is a URL");
    for number in 0..20 {
        assert!(jar.set(&url, &format!("c{number}={}", letter.repeat(3_000))), "the cookie fits");
    }
    jar.save().expect("the file can be saved");
}
