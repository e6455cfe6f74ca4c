"""What the facility keeps beside its record, as facts for the rulebook: register, bank book, custody, documents."""
