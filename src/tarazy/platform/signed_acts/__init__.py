"""Acts of people as a record: fields checked, signed by who acts, chained by hash; a desk's state is its replay."""
