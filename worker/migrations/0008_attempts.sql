-- Besides its results: how many recipients were put off with the same words as before, and how many results did not fit.
ALTER TABLE deliveries ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN omitted INTEGER NOT NULL DEFAULT 0;
