"""The pages of the custodian's section."""
