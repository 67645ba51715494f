//! Saves a profile again and again, for tests that kill it: `saver PATH LETTER [COUNT]`.
//!
//! Each save writes a long value of `LETTER` and `z` by turns, and the tests read the file in between.

use std::env;
use std::io::Write as _;

use apisession::Profile;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, letter, rest @ ..] = &arguments[..] else { panic!("saver PATH LETTER [COUNT]") };
    let count: usize = rest.first().map_or(usize::MAX, |count| count.parse().expect("a count is a number"));
    let profile = Profile::new("acme").file(path);
    for number in 0..count {
        let value = if number % 2 == 0 { letter.as_str() } else { "z" }.repeat(20_000);
        profile.save_config([("token", value)]).overwrite().save().expect("the file can be saved");
        if number == 0 {
            println!("ready");
            std::io::stdout().flush().expect("somebody reads this");
        }
    }
}
