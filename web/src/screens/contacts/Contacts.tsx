import { Empty } from "@/shared/Empty";

export default function Contacts() {
  return <Empty title="Contacts" />;
}
