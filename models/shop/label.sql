-- Who ordered in the 7 days after as_of(), and what the shop earned by each customer in those days: the margin of the
-- orders less the cost of the offers. The tables end with the day on which the label is mature. A customer who is not
-- here has label 0 and value 0.
WITH moves AS (
  SELECT customer_id, 1 AS ordered, margin AS earned
  FROM orders
  WHERE ordered_at >= as_of() + INTERVAL 1 DAY
  UNION ALL
  SELECT customer_id, 0 AS ordered, -cost AS earned
  FROM offers
  WHERE offered_at >= as_of() + INTERVAL 1 DAY
)
SELECT
  customer_id,
  max(ordered) AS label,
  sum(earned) AS value
FROM moves
GROUP BY customer_id
