mod vendor;

use acme::{Acme, Login};

#[tokio::main]
async fn main() -> apisession::Result<()> {
    let login = Login::new("ana", "correct horse");
    let api = Acme::builder(login).transport(vendor::transport()).build()?;

    if let Err(error) = api.rooms().await {
        println!("{}", error.report());
    }
    Ok(())
}
