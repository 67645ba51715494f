//! A process that is killed while it downloads leaves the old file or the new one, and nothing else for long.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Sends 1 MiB in 32 pieces, with a pause after each, so that the transfer is most of the life of a process.
fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1048576\r\netag: \"v1\"\r\n\r\n")?;
    for _ in 0..32 {
        stream.write_all(&[b'n'; 32 * 1024])?;
        thread::sleep(Duration::from_millis(4));
    }
    Ok(())
}

fn start(url: &str, path: &Path) -> Child {
    let mut download = Command::new(env!("CARGO_BIN_EXE_downloads"));
    download.args(["ours", url, "1"]).arg(path).stdout(Stdio::null()).spawn().unwrap()
}

fn listed(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn b7_a_process_that_is_killed_leaves_the_old_file_or_the_new_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A client that is killed closes the connection.
            thread::spawn(move || serve(stream));
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.pdf");
    let (old, new) = (b"old".to_vec(), vec![b'n'; 1024 * 1024]);
    let whole = Instant::now();
    assert!(start(&url, &path).wait().unwrap().success());
    let whole = whole.elapsed();
    let mut random = fastrand::Rng::new();
    let (mut kept, mut replaced, mut left_behind) = (0, 0, 0);
    for _ in 0..100 {
        std::fs::write(&path, &old).unwrap();
        let mut child = start(&url, &path);
        thread::sleep(whole.mul_f64(random.f64() * 1.05));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = std::fs::read(&path).unwrap();
        assert!(found == old || found == new, "the file has {} bytes", found.len());
        *(if found == old { &mut kept } else { &mut replaced }) += 1;
        let left = listed(folder.path()).len() - 1;
        // What an earlier process left behind was removed by a later one, unless that was killed first.
        left_behind = left_behind.max(left);
    }
    println!(
        "killed 100 times: {kept} left the old file, {replaced} the new one, at most {left_behind} temporary files"
    );
    assert!(kept > 0 && left_behind > 0, "no process was killed while it downloaded");
    assert!(start(&url, &path).wait().unwrap().success());
    assert_eq!((std::fs::read(&path).unwrap(), listed(folder.path())), (new, vec!["report.pdf".to_owned()]));
}
