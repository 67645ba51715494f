use acme::Acme;

fn main() {
    for route in Acme::description().operations() {
        let operation = route.operation();
        let first_line = operation.docs().lines().next().unwrap_or_default();
        println!("{:<20}{:<8}{:<30}{first_line}", operation.to_string(), operation.method(), route.path());
    }
}
