"""The applicants' portal: accounts, drafts with documents, filings with receipts, questions and answers."""
