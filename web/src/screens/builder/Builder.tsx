import { Empty } from "@/shared/Empty";

export default function Builder() {
  return <Empty title="Builder" />;
}
