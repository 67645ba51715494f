mod vendor;

use acme::{Acme, Login};
use apisession::Body;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let login = Login::new("ana", "correct horse");
    let api = Acme::builder(login).transport(vendor::transport()).build()?;

    let folder = std::env::temp_dir().join(format!("acme-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("agenda.txt"), "1. Welcome\n2. Cake\n")?;

    api.events().attach(5, "agenda.txt", Body::file(folder.join("agenda.txt"))).await?;

    let download = api.events().attachment(5, "agenda.txt").await?;
    println!("{:?} bytes", download.total());
    let saved = download.to_file(folder.join("copy.txt")).await?;
    println!("{} bytes are saved", saved.length());
    print!("{}", std::fs::read_to_string(folder.join("copy.txt"))?);

    std::fs::remove_dir_all(folder)?;
    Ok(())
}
