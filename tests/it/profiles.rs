//! Profile files: what is read, what a save keeps, and what a crash leaves.
#![cfg(unix)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use apisession::prelude::*;
use apisession::{Chain, Environment, Profile, Secret};
use apisession_tests::{offline, recording, respond, tokio};
use tempfile::TempDir;

#[derive(Clone, APISession)]
#[session(base_url = "https://api.test")]
struct Acme {
    session: Session,
}

fn get(profile: &Profile, key: &str) -> Option<String> {
    profile.get_config_variable(key).unwrap().map(|value| value.expose().to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn the_path_is_that_of_the_variable_or_of_the_declaration() {
    let of = |variables: &[(&str, &str)]| Environment::of(variables.iter().copied());
    type Variables = &'static [(&'static str, &'static str)];
    const HOME: Variables = &[("HOME", "/home/ana")];
    let rows: [(Profile, Variables, &str); 8] = [
        (Profile::new("acme"), HOME, "/home/ana/.config/acme/config.toml"),
        (Profile::new("acme").file("acme.ini"), HOME, "/home/ana/.config/acme.ini"),
        (Profile::new("acme").file_in_home(".acme/rc"), HOME, "/home/ana/.acme/rc"),
        (Profile::new("acme").file("/etc/acme.ini"), HOME, "/etc/acme.ini"),
        (
            Profile::new("acme"),
            &[("HOME", "/home/ana"), ("XDG_CONFIG_HOME", "/cfg")],
            "/cfg/acme/config.toml",
        ),
        (
            Profile::new("acme"),
            &[("HOME", "/home/ana"), ("XDG_CONFIG_HOME", "cfg")],
            "/home/ana/.config/acme/config.toml",
        ),
        (Profile::new("acme-calendar"), &[("ACME_CALENDAR_CONFIG_FILE", "/x.toml")], "/x.toml"),
        (
            Profile::new("acme"),
            &[("ACME_CONFIG_FILE", ""), ("HOME", "/home/ana")],
            "/home/ana/.config/acme/config.toml",
        ),
    ];
    for (profile, variables, expected) in rows {
        assert_eq!(profile.environment(of(variables)).path().unwrap(), Path::new(expected));
    }
    let homeless = Profile::new("acme").environment(of(&[])).path().unwrap_err();
    assert!(homeless.to_string().contains("set ACME_CONFIG_FILE"), "{homeless}");
}

#[tokio::test]
async fn save_config_keeps_what_it_does_not_know() {
    let folder = TempDir::new().unwrap();
    // A file, and what it is after `token` is `new` and `url` is `u`.
    let rows = [
        ("a.toml", "", "[default]\ntoken = \"new\"\nurl = \"u\"\n"),
        (
            "b.toml",
            "# mine\n[other]\ntoken = 'x'\n\n[default] # c\n  token = 'old' # the key\nextra = [1, 2]\n",
            "# mine\n[other]\ntoken = 'x'\n\n[default] # c\n  token = \"new\" # the key\nextra = [1, 2]\nurl = \"u\"\n",
        ),
        ("a.ini", "", "[default]\ntoken = new\nurl = u\n"),
        (
            "b.ini",
            "; mine\n[other]\ntoken: x\n\n[default]\nToken: old\n# c\nextra = 1%\n",
            "; mine\n[other]\ntoken: x\n\n[default]\nToken: new\n# c\nextra = 1%\nurl = u\n",
        ),
    ];
    for (name, before, after) in rows {
        let path = folder.path().join(name);
        if !before.is_empty() {
            fs::write(&path, before).unwrap();
        }
        let profile = Profile::new("acme").file(&path);
        let values = [("token", "new"), ("url", "u")];
        if before.contains("old") {
            // It refuses to overwrite, unless it is told to, and shows neither value.
            let refused = profile.save_config(values).save().unwrap_err();
            let shown = format!("{refused} {refused:?} {}", refused.report());
            assert!(
                shown.contains("has another value of `token` in [default]; save with `overwrite`"),
                "{shown}"
            );
            assert!(!shown.contains("old") && !shown.contains("new"), "{shown}");
            assert_eq!(fs::read_to_string(&path).unwrap(), before);
        }
        let save = profile.save_config(values).overwrite();
        assert!(!format!("{save:?}").contains("new"));
        save.save().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        assert_eq!(mode(&path), 0o600);
        // The same value is no other value.
        profile.save_config(values).save().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
    }
    assert_eq!(names(folder.path()), ["a.ini", "a.toml", "b.ini", "b.toml"]);
}

#[tokio::test]
async fn save_config_verifies_first_if_asked() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("new/folder/acme.ini");
    let profile = Profile::new("acme").file(&path);
    let (transport, _) = recording(|number, _| {
        Ok(respond(if number == 1 { 401 } else { 200 }, r#"{"message":"no such token"}"#))
    });
    let api = Acme::builder().transport(transport).build().unwrap();
    let refused = profile.save_config([("token", "s3cret")]).save_if(api.raw().get("/me")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Authentication);
    assert!(
        refused.to_string().contains("nothing was saved") && !refused.report().contains("s3cret"),
        "{refused}"
    );
    assert!(!path.exists() && !folder.path().join("new").exists());
    profile.save_config([("token", "s3cret")]).save_if(api.raw().get("/me")).await.unwrap();
    assert_eq!(get(&profile, "token").as_deref(), Some("s3cret"));
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn what_can_not_be_saved_is_an_error_and_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let rows = [
        ("a.ini", "[default]\nurl = u\n", "token", "a\nb = s3cret", "can't hold a value with a line break"),
        ("b.ini", "[default]\nurl = u\n", "to=ken", "a", "can't have a section or a key of this name"),
        ("c.ini", "s3cret", "token", "a", "has no section above line 1"),
        ("d.toml", "default = 1\n", "token", "a", "has something else than a table in place of the section"),
        ("e.toml", "s3cret = s3cret", "token", "a", "is no valid TOML in line 1"),
        ("f.toml", "[default]\ntoken = ['s3cret']\n", "token", "a", "that is neither text"),
    ];
    for (name, text, key, value, expected) in rows {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let refused =
            Profile::new("acme").file(&path).save_config([(key, value)]).overwrite().save().unwrap_err();
        assert!(refused.to_string().contains(expected) && !refused.report().contains("s3cret"), "{refused}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    // TOML can have any text.
    let profile = Profile::new("acme").file(folder.path().join("g.toml"));
    for value in ["a\nb = 'x'", "\"", "\\", "'''", "\u{7f}", " ", "é"] {
        profile.save_config([("token", value)]).overwrite().save().unwrap();
        assert_eq!(get(&profile, "token").as_deref(), Some(value));
    }
}

#[test]
fn get_config_variable_reads_the_file_each_time() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("acme.ini");
    let profile = Profile::new("acme").file(&path).section("work");
    assert_eq!(get(&profile, "token"), None);
    for (text, expected) in [
        ("[default]\ntoken = a", None),
        ("[work]\ntoken = b", Some("b")),
        ("[DEFAULT]\ntoken = c\n[work]", Some("c")),
    ] {
        fs::write(&path, text).unwrap();
        assert_eq!(get(&profile, "token").as_deref(), expected);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(profile.get_config_variable("token").unwrap_err().to_string().contains("can't be read"));
}

/// N5: a file that others can read is used, with a warning, and a save makes it private. A link stays one.
#[test]
fn n5_a_file_that_others_can_read_is_warned_of() {
    use std::sync::{Arc, Mutex};
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let folder = TempDir::new().unwrap();
    let (file, link, netrc) =
        (folder.path().join("real.ini"), folder.path().join("acme.ini"), folder.path().join("netrc"));
    fs::write(&file, "[default]\ntoken = s3cret\n").unwrap();
    fs::write(&netrc, "machine api.test login ana password s3cret").unwrap();
    for path in [&file, &netrc] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    symlink(&file, &link).unwrap();
    let profile = Profile::new("acme").file(&link);
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    let guard = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    assert_eq!(get(&profile, "token").as_deref(), Some("s3cret"));
    let chain = Chain::new().netrc_of(apisession::Netrc::new().path(&netrc));
    let api = Acme::builder().credentials(chain).transport(offline()).build().unwrap();
    assert_eq!(api.credential_source().step(), Some("netrc"));
    drop(guard);
    let shown = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for path in [&link, &netrc] {
        assert!(
            shown.contains(&format!("{} can be read or changed by other users", path.display())),
            "{shown}"
        );
    }
    assert!(!shown.contains("s3cret"), "{shown}");
    profile.save_config([("url", "u")]).save().unwrap();
    assert_eq!(mode(&file), 0o600);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

fn saver(path: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_saver"));
    command.arg(path).args(arguments).stdout(Stdio::piped()).spawn().unwrap()
}

/// Checks that the file has one value, whole.
fn check_whole(path: &Path, letters: &[&str]) {
    let value = get(&Profile::new("acme").file(path), "token").expect("the file has a token");
    assert!(
        letters.iter().any(|letter| value == letter.repeat(20_000)),
        "a part of a value: {} bytes",
        value.len()
    );
}

/// N6: a process that is killed leaves the old file or the new one.
#[test]
fn n6_a_kill_during_a_save_leaves_the_old_or_the_new_file() {
    for name in ["acme.ini", "acme.toml"] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join(name);
        for number in 0..50_u64 {
            let mut child = saver(&path, &["a"]);
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            assert_eq!(line, "ready\n");
            // The point at which it is killed is random.
            thread::sleep(Duration::from_micros(number * 7919 % 9000));
            child.kill().unwrap();
            child.wait().unwrap();
            check_whole(&path, &["a", "z"]);
            assert_eq!(mode(&path), 0o600);
        }
        println!("50 kills; {} files are left", names(folder.path()).len());
    }
}

/// N7: two processes that save at the same time leave a valid file of one of them, and nothing else.
#[test]
fn n7_two_writers_leave_one_valid_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("acme.ini");
    Profile::new("acme").file(&path).save_config([("token", "a".repeat(20_000))]).save().unwrap();
    let saves = std::env::var("SAVES").unwrap_or("1000".to_owned());
    let mut writers = ["a", "b"].map(|letter| saver(&path, &[letter, &saves]));
    let mut reads = 0;
    while writers.iter_mut().any(|writer| writer.try_wait().unwrap().is_none()) {
        check_whole(&path, &["a", "b", "z"]);
        reads += 1;
    }
    assert!(writers.iter_mut().all(|writer| writer.wait().unwrap().success()));
    check_whole(&path, &["a", "b", "z"]);
    assert_eq!(names(folder.path()), ["acme.ini"]);
    println!("{reads} reads while two processes saved {saves} times");
}

#[tokio::test]
async fn a_profile_is_a_source_of_a_chain() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("acme.toml");
    let profile = || Profile::new("acme").file(&path);
    profile().save_config([("token", Secret::new("t0k3n"))]).save().unwrap();
    let (transport, sent) = recording(|_, _| Ok(respond(200, "1")));
    let chain = Chain::new().explicit().profile(profile()).required();
    let api = Acme::builder().credentials(chain).transport(transport).build().unwrap();
    api.raw().get("/x").await.unwrap();
    assert_eq!(sent.only().header("authorization"), "Bearer t0k3n");
    let place = format!("`token` in [default] of {}", path.display());
    assert_eq!(api.credential_source().place(), Some(place.as_str()));
    // A section that is misspelled is named.
    let chain = Chain::new().profile(profile().section("defualt")).required();
    let error = Acme::builder().credentials(chain).transport(offline()).build().err().unwrap();
    assert!(error.to_string().contains("has no section `defualt`; did you mean `default`?"), "{error}");
}
