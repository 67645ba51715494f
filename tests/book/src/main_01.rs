use acme::Acme;

fn main() -> apisession::Result<()> {
    let api = Acme::builder().build()?;
    let request = api.events().get(42).build()?;
    println!("{} {}", request.method, request.url);
    Ok(())
}
