-- Who ordered in the 7 days after as_of(), and what the shop earned by each customer in those days: the margin of the
-- orders less the cost of the offers. A customer who is not here has label 0 and value 0.
WITH
  clock AS (SELECT CAST(as_of() AS TIMESTAMP) + INTERVAL 1 DAY AS day_end),
  moves AS (
    SELECT customer_id, 1 AS ordered, margin AS earned
    FROM orders CROSS JOIN clock
    WHERE ordered_at >= day_end AND ordered_at < day_end + INTERVAL 7 DAY
    UNION ALL
    SELECT customer_id, 0 AS ordered, -cost AS earned
    FROM offers CROSS JOIN clock
    WHERE offered_at >= day_end AND offered_at < day_end + INTERVAL 7 DAY
  )
SELECT
  customer_id,
  max(ordered) AS label,
  sum(earned) AS value
FROM moves
GROUP BY customer_id
